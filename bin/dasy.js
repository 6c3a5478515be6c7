#!/usr/bin/env node
const { existsSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname } = require('node:path')
const { file, readCache, scriptWith } = require('./script.js')

function load() {
  const own = { exports: {} }
  const run = scriptWith(readCache()).runInThisContext()
  run(own.exports, createRequire(file), own, file, dirname(file))
  return own.exports
}

async function start() {
  if (!existsSync(file)) {
    // As after "npm ci --ignore-scripts".
    process.stderr.write('dasy: it is not built yet; run this first: npm run build\n')
    process.exitCode = 1
    return
  }
  const status = await load().main(process.argv.slice(2))
  process.exitCode ||= status
}

start()
