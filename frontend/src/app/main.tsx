import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keptAt } from '@/shared/api/kept'
import { ApiProblem } from '@/shared/api/problem'
import { startLanguage, useLanguage } from '@/shared/i18n/language'
import { followAppearance } from '@/shared/store/appearance'
import { isUnderWay, journal } from '@/shared/tx/journal'
import { loadWallet, wasConnected } from '@/shared/wallet/load'
import { registerOffline, reloadOnMissingPart } from './offline/register'
import { router } from './router'
import './styles.css'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // Asked without a connection too: the service worker may have kept an answer.
      networkMode: 'always',
      // An answer, even a refusal, is not asked for twice; only silence is.
      retry: (failures, error) => failures < 3 && !(error instanceof ApiProblem && !error.unreachable),
    },
    mutations: { networkMode: 'always' },
  },
})

if (wasConnected()) loadWallet(client).catch(() => undefined)
if (journal.get().some(isUnderWay)) {
  void import('@/shared/tx/start').then(({ resumeAll }) => {
    resumeAll(client)
  })
}

/** What is shown is there without it, a little older. */
function followStream(): void {
  void import('@/shared/stream/follow').then(
    ({ follow }) => follow(client),
    () => undefined,
  )
}

/** Sentences are said while a page is drawn: another language draws all of it anew. */
function App() {
  return <RouterProvider key={useLanguage()} router={router} />
}

followAppearance()
registerOffline()
reloadOnMissingPart()
keptAt.subscribe(() => {
  // The server is back: what was shown as old is read anew.
  if (keptAt.get() === null) void client.invalidateQueries()
})
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root element')
await startLanguage()
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
// What the page itself reads goes first. Safari knows no idle callbacks.
const idle =
  (window as Partial<Window>).requestIdleCallback ?? ((begin: () => void) => setTimeout(begin, 500))
if (document.readyState === 'complete') idle(followStream)
else
  window.addEventListener('load', () => {
    idle(followStream)
  })
