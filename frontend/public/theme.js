// Runs before the first paint, so that a dark page never flashes light; src/shared/store/appearance.ts goes on.
;(() => {
  const page = document.documentElement
  let theme = null
  try {
    theme = localStorage.getItem('tombola.theme')
    page.toggleAttribute('data-less-motion', localStorage.getItem('tombola.motion') === 'less')
  } catch {
    // Without storage the device decides.
  }
  page.dataset.theme = theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
})()
