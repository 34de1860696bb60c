/**
 * The web app's own TOMBOLA-1, run by node: a line `seed n k` in, a line of k winning numbers out. Tests compare it with
 * the contract's and Python's. The sources are bundled in memory, as they are; nothing is written.
 */
import { createInterface } from 'node:readline'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const folder = dirname(fileURLToPath(import.meta.url))
const entry = 'virtual:draws'
const source = `
  export { hashesReady } from '${folder}/src/shared/draw/hash.ts'
  export { winners } from '${folder}/src/shared/draw/winners.ts'
  export { bytes32 } from '${folder}/src/shared/draw/bytes.ts'`

const bundle = await build({
  root: folder,
  configFile: false,
  logLevel: 'error',
  plugins: [
    {
      name: 'draws',
      resolveId: (id) => (id === entry ? id : null),
      load: (id) => (id === entry ? source : null),
    },
  ],
  ssr: { noExternal: true },
  build: { ssr: true, write: false, rollupOptions: { input: entry } },
})
const [{ code }] = bundle.output
const { hashesReady, winners, bytes32 } = await import(
  `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
)
await hashesReady
for await (const line of createInterface({ input: process.stdin })) {
  const [seed, n, k] = line.split(' ')
  process.stdout.write(`${winners(bytes32(seed), BigInt(n), Number(k)).join(' ')}\n`)
}
