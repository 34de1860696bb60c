/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { offline } from './offline.ts'

/** The API that `npm run dev` talks to; the built app is served by the API itself. */
const api = process.env.API_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), tailwindcss(), offline()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // The package writes style elements, which the content security policy forbids.
      'react-remove-scroll': fileURLToPath(new URL('./src/shared/ui/RemoveScroll.tsx', import.meta.url)),
    },
  },
  server: {
    proxy: {
      // The API only accepts cookie-authenticated writes from its own origin.
      '/api': { target: api, changeOrigin: true, headers: { origin: api } },
      '/readyz': { target: api, changeOrigin: true },
    },
  },
  // Nothing is inlined as data: URLs, so that the content security policy needs no exception for them.
  build: {
    assetsInlineLimit: 0,
    target: 'es2022',
    sourcemap: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page starts with, in one piece: it packs better, and a release of ours leaves it cached.
            {
              name: 'start',
              test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//,
              tags: ['$initial'],
            },
            { name: 'app', test: /\/src\//, tags: ['$initial'] },
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
