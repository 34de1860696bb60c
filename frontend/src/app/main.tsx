import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from '@/shared/api/problem'
import { isUnderWay, journal } from '@/shared/tx/journal'
import { loadWallet, wasConnected } from '@/shared/wallet/load'
import { router } from './router'
import './styles.css'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // An answer, even a refusal, is not asked for twice; only silence is.
      retry: (failures, error) => failures < 3 && !(error instanceof ApiProblem && !error.unreachable),
    },
  },
})

if (wasConnected()) loadWallet(client).catch(() => undefined)
if (journal.get().some(isUnderWay)) {
  void import('@/shared/tx/start').then(({ resumeAll }) => {
    resumeAll(client)
  })
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root element')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
