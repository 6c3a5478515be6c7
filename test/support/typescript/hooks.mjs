// What Node.js asks while it imports: where a module is, and what is in it.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiled } from './compiled.mjs'

/**
 * "./x.js" in a TypeScript file means "./x.ts".
 * @type {import('node:module').ResolveHook}
 */
export async function resolve(specifier, context, next) {
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const url = new URL(specifier.replace(/js$/, 'ts'), context.parentURL)
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true }
  }
  return next(specifier, context)
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  return { source: compiled(fileURLToPath(url)), format: 'module', shortCircuit: true }
}
