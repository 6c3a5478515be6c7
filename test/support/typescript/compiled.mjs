// lib/ and test/ as Node.js runs them. A file is compiled once; the result is kept under the digest of what it was made of.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const cache = join(root, '.tap/compiled')
const config = readFileSync(join(root, 'tsconfig.json'), 'utf8')
const itself = readFileSync(fileURLToPath(import.meta.url), 'utf8')

/**
 * The source map is in the text, so that stacks show lines of the TypeScript file.
 * @param {string} path
 */
export function compiled(path) {
  const { text, file } = lookUp(path)
  if (!existsSync(file)) keep(file, compile(path, text))
  return readFileSync(file, 'utf8')
}

/** Compiles what has changed, so that no test has to, and removes what is no longer asked for. */
export function compileAll() {
  const wanted = new Set()
  for (const folder of ['lib', 'test']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue
      const path = join(root, folder, name)
      compiled(path)
      wanted.add(basename(lookUp(path).file))
    }
  }
  for (const name of readdirSync(cache)) if (!wanted.has(name)) rmSync(join(cache, name))
}

/** @param {string} path */
function lookUp(path) {
  const text = readFileSync(path, 'utf8')
  const digest = createHash('sha256').update([itself, config, path, text].join('\0')).digest('hex')
  return { text, file: join(cache, digest) }
}

/**
 * @param {string} path
 * @param {string} text
 */
function compile(path, text) {
  /** @type {typeof import('typescript')} */
  const ts = require('typescript') // here: to load it takes longer than most tests
  const { outDir, rootDir, sourceMap, ...compilerOptions } = ts.parseConfigFileTextToJson(
    'tsconfig.json',
    config,
  ).config.compilerOptions
  const sourceRoot = new URL('.', pathToFileURL(path)).href
  const options = { ...compilerOptions, module: 'ESNext', inlineSourceMap: true, sourceRoot }
  return ts.transpileModule(text, { fileName: basename(path), compilerOptions: options }).outputText
}

/**
 * Several processes may do so at a time.
 * @param {string} file
 * @param {string} text
 */
function keep(file, text) {
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, text)
  renameSync(`${file}.${process.pid}`, file)
}
