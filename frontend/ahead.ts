/**
 * Tells the server what each page loads (dist/ahead.json), so that it can say so in the head of the page that is opened:
 * the browser then fetches a page's code and its data while the first script is still on its way (backend/index_page.py).
 */
import { fileURLToPath } from 'node:url'
import type { Plugin, Rollup } from 'vite'

export interface Page {
  /** As in src/app/router.tsx. */
  path: string
  /** The modules that draw it, from src/features; the first is the page's own. */
  modules: readonly string[]
  /** What it asks the API for at once, letter by letter. */
  reads: readonly string[]
}

/** The pages that somebody opens from a link or a QR code. Others work as well, a little later. */
export const PAGES: readonly Page[] = [
  {
    path: '/',
    modules: ['contests/ContestList.tsx'],
    reads: ['raffles?state=drawn&limit=20', 'raffles?limit=20', 'contests?limit=20'],
  },
  {
    path: '/raffles/$id',
    modules: ['raffles/RafflePage.tsx'],
    reads: ['raffles/$id', 'raffles/$id/entries?limit=100'],
  },
  { path: '/contests', modules: ['contests/ContestsPage.tsx'], reads: ['contests?limit=20'] },
  { path: '/contests/$id', modules: ['contests/ContestPage.tsx'], reads: ['contests/$id'] },
  {
    path: '/contests/$id/certificate',
    modules: ['contests/CertificatePage.tsx'],
    reads: ['contests/$id', 'contests/$id/winners?limit=100'],
  },
  {
    path: '/verify',
    modules: ['verify/VerifyPage.tsx'],
    reads: ['raffles?state=drawn&limit=10', 'contests?limit=20'],
  },
  { path: '/verify/raffle/$id', modules: ['verify/VerifyRafflePage.tsx'], reads: ['raffles/$id'] },
  {
    path: '/verify/contest/$id',
    modules: ['verify/VerifyContestPage.tsx', 'contests/InclusionForm.tsx'],
    reads: ['contests/$id'],
  },
  { path: '/tokens', modules: ['tokens/TokensPage.tsx'], reads: ['tokens?limit=20'] },
  { path: '/tokens/$address', modules: ['tokens/TokenPage.tsx'], reads: ['tokens/$address'] },
  {
    path: '/governance',
    modules: ['governance/GovernancePage.tsx'],
    reads: ['governance', 'governance/proposals?limit=20'],
  },
  { path: '/governance/$id', modules: ['governance/ProposalPage.tsx'], reads: [] },
  { path: '/vesting/$id', modules: ['vesting/VestingPages.tsx'], reads: ['vesting/grants/$id'] },
  { path: '/status', modules: ['status/StatusPage.tsx'], reads: [] },
]

/** Every page asks for it. */
const CONFIG = 'config'

const src = fileURLToPath(new URL('src/features/', import.meta.url))

function chunkOf(module: string, chunks: readonly Rollup.OutputChunk[]): Rollup.OutputChunk {
  const found =
    chunks.find(({ facadeModuleId }) => facadeModuleId === src + module) ??
    // A page that shares its chunk is where that chunk is.
    chunks.find(({ moduleIds }) => moduleIds.includes(src + module))
  if (!found)
    throw new Error(`${module} is not in the build: name the module that took its place in ahead.ts`)
  return found
}

/** The files that run before `modules` can, beside those that every page starts with. */
export function scriptsOf(modules: readonly string[], bundle: Rollup.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  const start = new Set<string>()
  const add = (to: Set<string>, name: string) => {
    const chunk = bundle[name]
    if (to.has(name) || start.has(name) || chunk?.type !== 'chunk') return
    to.add(name)
    chunk.imports.forEach((each) => {
      add(to, each)
    })
  }
  for (const chunk of chunks) if (chunk.isEntry) add(start, chunk.fileName)
  const files = new Set<string>()
  for (const module of modules) add(files, chunkOf(module, chunks).fileName)
  return [...files].map((name) => `/${name}`)
}

export function ahead(): Plugin {
  return {
    name: 'ahead',
    apply: 'build',
    generateBundle(_, bundle) {
      const pages = PAGES.map(({ path, modules, reads }) => ({
        path,
        scripts: scriptsOf(modules, bundle),
        reads: [CONFIG, ...reads].map((read) => `/api/v1/${read}`),
      }))
      this.emitFile({ type: 'asset', fileName: 'ahead.json', source: JSON.stringify(pages) })
    },
  }
}
