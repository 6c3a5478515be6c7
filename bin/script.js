// Loads the command line, one script, from what V8 made of it when it was built. To compile it takes Node.js longer than
// most commands have to do.
const { readFileSync } = require('node:fs')
const { createRequire, wrap } = require('node:module')
const { dirname, join } = require('node:path')
const { Script, constants } = require('node:vm')

const file = join(__dirname, '../bundle/cli/main.cjs')
/** Another version of Node.js cannot use it. */
const cache = join(__dirname, `../bundle/cli/main-${process.version}-${process.arch}.cache`)

/** @returns {Buffer | undefined} */
function readCache() {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}

/**
 * V8 compiles the script itself if the cache is missing, or made with other flags of V8.
 * @param {Buffer | undefined} cachedData
 * @throws where it is not built
 */
function scriptWith(cachedData) {
  // esbuild writes ASCII only.
  const code = wrap(readFileSync(file, 'latin1'))
  return new Script(code, {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
}

/**
 * @param {Script} script
 * @returns {{ main: (args: string[]) => Promise<number> }}
 */
function commandLineOf(script) {
  const own = { exports: {} }
  script.runInThisContext()(own.exports, createRequire(file), own, file, dirname(file))
  return /** @type {any} */ (own.exports)
}

module.exports = { file, cache, readCache, scriptWith, commandLineOf }
