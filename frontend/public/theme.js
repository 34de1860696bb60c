// Runs before the first paint, so that a dark page never flashes light.
document.documentElement.dataset.theme =
  localStorage.getItem('tombola.theme') ||
  (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
