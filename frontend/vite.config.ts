/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { ahead } from './ahead.ts'
import { offline } from './offline.ts'
import { packed } from './packed.ts'

/** The API that `npm run dev` talks to; the built app is served by the API itself. */
const api = process.env.API_URL ?? 'http://127.0.0.1:8000'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const PARTS =
  /\/src\/shared\/(tx\/|session\/signer|ui\/(\w*Field|Steps|Refusal|RemoveButton|Section|Subnav|Progress|Rows|More)\.)|\/lucide-react\//

export default defineConfig({
  plugins: [react(), tailwindcss(), ahead(), offline(), packed()],
  resolve: {
    alias: [
      { find: '@', replacement: here('./src') },
      // The package writes style elements, which the content security policy forbids.
      { find: 'react-remove-scroll', replacement: here('./src/shared/ui/RemoveScroll.tsx') },
      // The icons are lucide's; what draws them is ours, at a tenth of the size.
      { find: /^\.\.\/createLucideIcon\.mjs$/, replacement: here('./src/shared/ui/createLucideIcon.ts') },
    ],
  },
  server: {
    proxy: {
      // The API only accepts cookie-authenticated writes, and cookies on the stream, from its own origin.
      '/api': { target: api, changeOrigin: true, ws: true, headers: { origin: api } },
      '/readyz': { target: api, changeOrigin: true },
    },
  },
  // Nothing is inlined as data: URLs, so that the content security policy needs no exception for them.
  build: {
    assetsInlineLimit: 0,
    target: 'es2022',
    sourcemap: false,
    // The files of the page that is opened are named by the server (ahead.ts): the first script need not name all.
    modulePreload: { resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []) },
    rolldownOptions: {
      output: {
        // Routes name many files in the first script: short names make it smaller.
        chunkFileNames: 'assets/[hash].js',
        codeSplitting: {
          groups: [
            // What every page starts with, in one piece: it packs better, and a release of ours leaves it cached.
            {
              name: 'start',
              test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//,
              tags: ['$initial'],
            },
            { name: 'app', test: /\/src\//, tags: ['$initial'] },
            // Buttons, fields and stages that nearly every page but the lists has: one file instead of a dozen.
            { name: 'parts', test: PARTS, minShareCount: 2 },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    css: false,
    // Radix goes through the aliases above as it does in the build.
    server: { deps: { inline: [/radix-ui/] } },
    testTimeout: 30_000,
    // With a draw of a running chain at hand (tests/scripts/test_verify_page.py), only what checks it.
    ...(process.env.TOMBOLA_DRAW ? { include: ['src/**/*.live.ts'] } : {}),
  },
})
