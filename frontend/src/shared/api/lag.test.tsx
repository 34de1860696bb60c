import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { answerApi, CONFIG, renderPage } from '@/test/page'
import { useLag } from './lag'

function Lag() {
  return <p>{useLag() ?? 'unknown'} behind</p>
}

const status = (age_ms: number, lag_blocks: number) => ({
  listener: {
    cursor_block: 1000,
    cursor_time: new Date(Date.now() - age_ms).toISOString(),
    head_block: 1000 + lag_blocks,
    lag_blocks,
    finalized_block: 998,
  },
})

const answer = (age_ms: number, lag_blocks: number, head: number) =>
  answerApi({
    'GET /status': status(age_ms, lag_blocks),
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
