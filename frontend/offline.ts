/** Builds the service worker beside the app, and tells it which files the first page needs. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rollup } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** Latin letters are every language's of ours; other subsets are fetched, and kept, when a text needs them. */
const FIRST_FONTS = /^assets\/[^/]+-latin-[^/]+\.woff2$/
const PUBLIC = ['icon.svg', 'wave.svg', 'theme.js', 'manifest.webmanifest', 'icons/192.png']

/** The start of the app with everything it imports before it can draw. */
export function shellOf(bundle: Rollup.OutputBundle): string[] {
  const files = new Set<string>()
  const add = (name: string) => {
    const file = bundle[name]
    if (files.has(name) || file?.type !== 'chunk') return
    files.add(name)
    for (const css of file.viteMetadata?.importedCss ?? []) files.add(css)
    file.imports.forEach(add)
  }
  for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) add(file.fileName)
  for (const name of Object.keys(bundle)) if (FIRST_FONTS.test(name)) files.add(name)
  return ['index.html', ...PUBLIC, ...files].map((name) => `/${name}`).sort()
}

export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    async generateBundle(_, bundle) {
      const shell = shellOf(bundle)
      const sources = [here('index.html'), ...PUBLIC.map((name) => here(`public/${name}`))].map((path) =>
        readFileSync(path),
      )
      const hash = createHash('sha256').update(shell.join())
      for (const source of sources) hash.update(source)
      const code = await worker({ version: hash.digest('hex').slice(0, 12), shell })
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: code })
    },
  }
}

/** One script without imports: a service worker of every browser can run it. */
async function worker(data: { version: string; shell: string[] }): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: { alias: { '@': here('src') } },
    define: { __BUILD__: JSON.stringify(data) },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: here('src/app/offline/sw.ts'), formats: ['iife'], name: 'tombola' },
    },
  })) as Rollup.RollupOutput[]
  return built[0]?.output[0].code ?? ''
}
