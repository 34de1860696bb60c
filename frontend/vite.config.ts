/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The API that `npm run dev` talks to; the built app is served by the API itself. */
const api = process.env.API_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    proxy: {
      // The API only accepts cookie-authenticated writes from its own origin.
      '/api': { target: api, changeOrigin: true, headers: { origin: api } },
      '/readyz': { target: api, changeOrigin: true },
    },
  },
  // Nothing is inlined as data: URLs, so that the content security policy needs no exception for them.
  build: { assetsInlineLimit: 0, target: 'es2022', sourcemap: false },
  worker: { format: 'es' },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    css: false,
    testTimeout: 30_000,
    // With a draw of a running chain at hand (tests/scripts/test_verify_page.py), only what checks it.
    ...(process.env.TOMBOLA_DRAW ? { include: ['src/**/*.live.ts'] } : {}),
  },
})
