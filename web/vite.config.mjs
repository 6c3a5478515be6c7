import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Where "npx vite web" finds the service, while the page is worked on. */
const service = process.env.DASY_SERVE ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../bundle/web',
    emptyOutDir: true,
    target: 'es2022',
    // The service's Content-Security-Policy allows neither data in scripts nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: service, changeOrigin: true } } },
})
