#!/usr/bin/env node
// Compiles lib/: file by file into dist/, for programs that use dasy as a library, and from there into bundle/, for
// the command line. To find and read 200 small files takes Node longer than most commands have to do.
// Nothing is done where nothing has changed; without dist/ all is made anew.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
// WebAssembly needs no binary per platform, so "npm ci --omit=optional" (Dockerfile) can build too.
import { build } from 'esbuild-wasm'
import { UpToDate } from './up-to-date.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

const upToDate = new UpToDate(root, {
  // The last tells which versions of the packages are installed.
  inputs: ['lib', 'scripts/build.mjs', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json'],
  outputs: ['dist', 'bundle', 'man'],
  note: 'dist/.built',
})
if (upToDate.holds) process.exit()

// The old ones go first, so that a deleted source leaves no ghost behind.
for (const folder of ['dist', 'bundle']) rmSync(`${root}/${folder}`, { recursive: true, force: true })

const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}/tsconfig.json`], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

/** What is imported on demand in groups, because nearly every command needs a group as a whole or not at all. */
const groups = {
  load: ['api/ingest', 'api/resume'],
  ledger: ['aggregate', 'analyze', 'migrate', 'names', 'rejects', 'runs'].map((name) => `api/${name}`),
  inspect: ['api/inspect', 'cli/inspection', 'cli/ingest-line'],
  common: ['cli/parse', 'cli/progress-lines', 'config/with-dataset'],
}

/**
 * Makes few files of many: Node takes a millisecond to find and read each, and esbuild makes a chunk of its own for every set of
 * dynamic imports that share code. A group is one module. What main.js loads is loaded before all others, so each of them
 * imports main.js: then nothing of it is in a chunk of its own.
 */
const fewChunks = {
  name: 'few-chunks',
  setup(/** @type {import('esbuild-wasm').PluginBuild} */ { onResolve, onLoad }) {
    const fileOf = (/** @type {string} */ name) => `${root}dist/${name}.js`
    const groupOf = new Map(
      Object.entries(groups).flatMap(([group, names]) => names.map((name) => [fileOf(name), group])),
    )
    const filesOf = (/** @type {string} */ group) => groups[/** @type {keyof groups} */ (group)].map(fileOf)
    onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
      const file = resolve(resolveDir, path)
      if (kind !== 'dynamic-import' || !file.startsWith(`${root}dist/`)) return undefined
      return { path: groupOf.get(file) ?? file, namespace: 'on-demand' }
    })
    onLoad({ filter: /./, namespace: 'on-demand' }, async ({ path }) => {
      const files = path in groups ? filesOf(path) : [path]
      const names = (await Promise.all(files.map((file) => import(file)))).flatMap(Object.keys)
      if (new Set(names).size < names.length) throw new Error(`two modules of "${path}" export the same name`)
      const exported = files.map((file) => `export * from '${file}'`)
      return { contents: [`import '${fileOf('cli/main')}'`, ...exported].join('\n'), resolveDir: root }
    })
  },
}

/** Of yargs only the parser is used. The rest of that module is for its own help and languages. */
const parserOfYargs = {
  name: 'parser-of-yargs',
  setup(/** @type {import('esbuild-wasm').PluginBuild} */ { onResolve, onLoad }) {
    onResolve({ filter: /^yargs\/helpers$/ }, ({ path }) => ({ path, namespace: 'yargs' }))
    const contents = "export { default as Parser } from 'yargs-parser'"
    onLoad({ filter: /./, namespace: 'yargs' }, () => ({ contents, resolveDir: root }))
  },
}

const common = {
  absWorkingDir: root,
  // All in one folder, as deep as dist/base/, so that paths in lib/base/package.ts and "./worker.js" are right in both.
  outdir: 'bundle/cli',
  entryNames: '[name]',
  bundle: true,
  format: /** @type {const} */ ('esm'),
  platform: /** @type {const} */ ('node'),
  target: 'node20.19',
  alias: {
    // The other build of this package loads its parts by names that a bundler cannot resolve.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
  },
  // node-postgres uses this to detect Cloudflare. The test makes Node.js 20 load all of fetch, which takes 28 ms in the
  // process and in each of its threads.
  define: { Response: 'undefined' },
  // Optional dependencies of node-postgres, which are not used.
  external: ['pg-native', 'pg-cloudflare'],
  // CommonJS packages need require(), which a module lacks.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  logLevel: /** @type {const} */ ('warning'),
}

// The command line, with a chunk for each group and each other dynamic import.
await build({
  ...common,
  plugins: [parserOfYargs, fewChunks],
  entryPoints: ['dist/cli/main.js'],
  chunkNames: '[name]-[hash]',
  splitting: true,
})
// The worker thread, and the process that leaves the embedded server: one file each.
await build({ ...common, entryPoints: ['dist/load/worker.js', 'dist/db/embedded/stop-if-unused.js'] })
// A program's threads start sooner by it as well. dist/load is as deep as bundle/cli.
copyFileSync(`${root}/bundle/cli/worker.js`, `${root}/dist/load/worker.js`)
rmSync(`${root}/dist/load/worker.js.map`)

// The manual is made of what --help shows.
const { manPage } = await import('../dist/cli/man.js')
const { ownVersion } = await import('../dist/base/package.js')
mkdirSync(`${root}/man`, { recursive: true })
writeFileSync(`${root}/man/dasy.1`, manPage(ownVersion()))
upToDate.record()
