/**
 * The web app's own draws, run by node: a subject as JSON on each line in, what its draws decide on a line out. Tests
 * compare that with the contracts' and Python's. The sources are bundled in memory, as they are; nothing is written.
 *
 * A subject: `draws` as [seed, k] pairs over `n` numbers, over tickets bought in `counts`, or over a list of `entries`
 * leaves, which may have `weights`. An answer: the list's root, and for each draw the numbers and their owners by rank
 * and, in a list, the ranks that repeat an entry.
 */
import { createInterface } from 'node:readline'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const folder = dirname(fileURLToPath(import.meta.url))
const entry = 'virtual:draws'
const source = `
  export { bytes32, concat, toHex, word } from '@/shared/draw/bytes'
  export { repeats } from '@/shared/draw/contest'
  export { hashesReady, keccak256 } from '@/shared/draw/hash'
  export { merkleRoot } from '@/shared/draw/merkle'
  export { entryWith, sumRoot, unitEnds } from '@/shared/draw/sums'
  export { winners } from '@/shared/draw/winners'
  export { ownerOf } from '@/features/verify/raffle'`

const bundle = await build({
  root: folder,
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { '@': `${folder}/src` } },
  plugins: [
    {
      name: 'draws',
      resolveId: (id) => (id === entry ? id : null),
      load: (id) => (id === entry ? source : null),
    },
  ],
  ssr: { noExternal: true },
  build: { ssr: true, write: false, rollupOptions: { input: entry, output: { inlineDynamicImports: true } } },
})
const [{ code }] = bundle.output
const { bytes32, concat, entryWith, hashesReady, keccak256, merkleRoot, ownerOf, ...app } = await import(
  `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
)
await hashesReady

/** How many numbers there are, who owns each, and the list's root. */
function read({ n, counts, entries, weights }) {
  if (n) return { total: BigInt(n), owner: null, root: null }
  if (counts) {
    let total = 0n
    const purchases = counts.map((text, entryIndex) => {
      const purchase = { entryIndex, firstTicket: total, count: BigInt(text) }
      total += purchase.count
      return purchase
    })
    return { total, owner: (ticket) => ownerOf(purchases, ticket).entryIndex, root: null }
  }
  const leaves = concat(...Array.from({ length: entries }, (_, index) => keccak256(app.word(BigInt(index)))))
  if (!weights) return { total: BigInt(entries), owner: Number, root: app.toHex(merkleRoot(leaves)) }
  const ends = app.unitEnds(weights.map(BigInt))
  const { hash, sum } = app.sumRoot(leaves, weights.map(BigInt))
  return { total: sum, owner: (unit) => entryWith(ends, unit), root: app.toHex(hash) }
}

for await (const line of createInterface({ input: process.stdin })) {
  const subject = JSON.parse(line)
  const { total, owner, root } = read(subject)
  const draws = subject.draws.map(([seed, k]) => {
    const numbers = app.winners(bytes32(seed), total, k)
    const owners = owner && numbers.map(owner)
    return {
      numbers: numbers.map(String),
      owners,
      repeats: root && [...app.repeats(owners)],
    }
  })
  process.stdout.write(`${JSON.stringify({ root, draws })}\n`)
}
