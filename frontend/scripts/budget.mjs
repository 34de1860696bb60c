/**
 * `npm run budget`: what a page loads before it can be used, from a build in memory. Fails when a public page's script
 * is larger than its budget, or when the build holds something that the content security policy forbids.
 */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

process.env.NODE_ENV = 'production'
const { build } = await import('vite')

/** kB of gzip: the script every page starts with, the landing's included; and that with a public page's own part. */
const START = 122
const PAGE = 170

const root = fileURLToPath(new URL('..', import.meta.url))
const { output } = await build({ root, logLevel: 'error', build: { write: false } })
const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]))

/** A chunk with everything it imports before it runs. */
function closure(fileName, found = new Set()) {
  const chunk = chunks.get(fileName)
  if (!chunk || found.has(fileName)) return found
  found.add(fileName)
  chunk.imports.forEach((name) => closure(name, found))
  return found
}

const size = (names) =>
  [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name).code, { level: 9 }).length, 0) / 1000

const isAhead = ({ fileName }) => fileName === 'ahead.json'

const faults = []
const entry = [...chunks.values()].find((chunk) => chunk.isEntry)
const start = closure(entry.fileName)

function measure(name, files, budget) {
  const kilobytes = size(files)
  console.log(`${kilobytes.toFixed(1).padStart(6)} kB  ${name}`)
  if (kilobytes > budget)
    faults.push(`${name}: ${kilobytes.toFixed(1)} kB of script, the budget is ${budget} kB`)
}

measure('landing', start, START)
// The public pages, and the scripts that the server names in their heads (ahead.ts).
for (const { path, scripts } of JSON.parse(String(output.find(isAhead).source))) {
  measure(path, new Set([...start, ...scripts.map((script) => script.slice(1))]), PAGE)
}

const html = String(output.find(({ fileName }) => fileName === 'index.html').source)
const forbidden = [
  [/<script(?![^>]*\ssrc=)/i, 'an inline script'],
  [/<style|\sstyle=/i, 'an inline style'],
  [/\son\w+=/i, 'an inline handler'],
  [/(src|href)="(data|https?):/i, 'something from elsewhere'],
]
for (const [pattern, what] of forbidden) if (pattern.test(html)) faults.push(`index.html has ${what}`)
for (const { fileName, code } of chunks.values()) {
  if (/\.styleSheet\b|insertRule\(/.test(code)) faults.push(`${fileName} writes a style element`)
  if (/\bnew Function\(|[^.\w]eval\(/.test(code)) faults.push(`${fileName} runs text as code`)
}
const worker = output.find(({ fileName }) => fileName === 'sw.js')
if (!worker || /^\s*import\b|\bimport\(/m.test(String(worker.source))) faults.push('sw.js is not one script')

for (const fault of faults) console.error(`✗ ${fault}`)
process.exitCode = faults.length > 0 ? 1 : 0
