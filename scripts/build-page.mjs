// Builds the page of "dasy serve" from web/ into bundle/web.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export async function buildPage() {
  const configFile = fileURLToPath(new URL('../web/vite.config.mjs', import.meta.url))
  await build({ configFile, logLevel: 'warn' })
}
