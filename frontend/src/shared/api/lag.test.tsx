import { cleanup, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { answerApi, chainStatus, CONFIG, renderPage } from '@/test/page'
import { useChainAwaySince, useLag } from './lag'

function Lag() {
  return <p>{useLag() ?? 'unknown'} behind</p>
}

const answer = (age_ms: number, lag_blocks: number, head: number) =>
  answerApi({
    'GET /status': chainStatus(age_ms, lag_blocks),
    'GET /config': { ...CONFIG, rpc_url: 'http://127.0.0.1/node' },
    'POST /node': { jsonrpc: '2.0', id: 1, result: `0x${head.toString(16)}` },
  })

it('lag: the mirror runs and catches up, it is believed and the chain is not asked', async () => {
  const asked = answer(2_000, 30, 5000)
  renderPage(<Lag />)
  expect(await screen.findByText('30 behind')).toBeInTheDocument()
  expect(asked.map(({ path }) => path)).not.toContain('/node')
})

it('lag: the mirror is silent for long, the chain says how far it is behind', async () => {
  answer(120_000, 0, 1075)
  renderPage(<Lag />)
  expect(await screen.findByText('75 behind')).toBeInTheDocument()
})

function Away() {
  return <p>{useChainAwaySince() === null ? 'heard' : 'away'}</p>
}

it('chain away: neither the mirror nor this browser hears it, and only then', async () => {
  const heard = answer(120_000, 0, 1000)
  renderPage(<Away />)
  await waitFor(() => expect(heard.map(({ path }) => path)).toContain('/node'))
  expect(screen.getByText('heard')).toBeInTheDocument()
  cleanup()
  answerApi({
    'GET /status': chainStatus(120_000, 0),
    'GET /config': { ...CONFIG, rpc_url: 'http://127.0.0.1/node' },
    'POST /node': new Response('', { status: 502 }),
  })
  renderPage(<Away />)
  expect(await screen.findByText('away')).toBeInTheDocument()
})
