#!/usr/bin/env node
const bundle = new URL('../bundle/cli/main.js', import.meta.url)
try {
  const { main } = await import(bundle.href)
  const status = await main(process.argv.slice(2))
  process.exitCode ||= status
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== bundle.href) throw error
  // As after "npm ci --ignore-scripts".
  process.stderr.write('dasy: it is not built yet; run this first: npm run build\n')
  process.exitCode = 1
}
