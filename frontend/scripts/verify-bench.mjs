/**
 * `npm run bench`: how long the parts of a verification that grow with the list take, as the page's worker runs them:
 * reading the bundle, the root of the list, weighted and not. Fails above the figures promised in the documentation.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = 'virtual:bench'
const source = `
  export { toHex, word } from '@/shared/draw/bytes'
  export { hashesReady, keccak256 } from '@/shared/draw/hash'
  export { merkleRoot } from '@/shared/draw/merkle'
  export { sumRoot } from '@/shared/draw/sums'
  export { packLeaves, parseBundle } from '@/features/verify/bundle'`

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { '@': `${root}/src` } },
  plugins: [
    {
      name: 'bench',
      resolveId: (id) => (id === entry ? id : null),
      load: (id) => (id === entry ? source : null),
    },
  ],
  ssr: { noExternal: true },
  build: { ssr: true, write: false, rollupOptions: { input: entry, output: { codeSplitting: false } } },
})
const app = await import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`)
await app.hashesReady

/** Seconds for a whole list in the worker. */
const PROMISED = { 10_000: 0.3, 100_000: 1.5, 1_000_000: 10 }

function timed(work) {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

for (const [count, seconds] of Object.entries(PROMISED).map(([n, s]) => [Number(n), s])) {
  const leaf = new Uint8Array(32)
  const leaves = Array.from({ length: count }, (_, index) => {
    new DataView(leaf.buffer).setUint32(28, index)
    return app.toHex(leaf)
  })
  const text = JSON.stringify({ format: 'TOMBOLA-1/contest', version: 2, leaves })
  const weights = leaves.map((_, index) => BigInt(1 + (index % 5)))
  let packed
  let told = 0
  const read = timed(() => {
    packed = app.packLeaves(app.parseBundle(text).leaves)
  })
  const plain = timed(() => app.merkleRoot(packed, () => told++))
  const weighted = timed(() => app.sumRoot(packed, weights, () => told++))
  const most = read + Math.max(plain, weighted)
  const line = [read, plain, weighted, most].map((each) => each.toFixed(2).padStart(7)).join('')
  console.log(
    `${String(count).padStart(9)} entries: read, root, weighted root, all:${line} s  (${told} steps of progress)`,
  )
  if (most > seconds) {
    console.error(`✗ ${count} entries took ${most.toFixed(2)} s, promised are ${seconds} s`)
    process.exitCode = 1
  }
}
