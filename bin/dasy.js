#!/usr/bin/env node
const { existsSync } = require('node:fs')
const { commandLineOf, file, readCache, scriptWith } = require('./script.js')

async function start() {
  if (!existsSync(file)) {
    // As after "npm ci --ignore-scripts".
    process.stderr.write('dasy: it is not built yet; run this first: npm run build\n')
    process.exitCode = 1
    return
  }
  const status = await commandLineOf(scriptWith(readCache())).main(process.argv.slice(2))
  process.exitCode ||= status
}

// Nothing is left to do: the system takes the memory back faster than V8 takes its heap apart.
process.once('beforeExit', () => process.exit())
start()
