#!/usr/bin/env node
// Compiles lib/: file by file into dist/, for programs that use dasy as a library, and from there into bundle/, for
// the command line; and web/ into bundle/web. To find and read 200 small files takes Node longer than most commands have to do.
// Nothing is done where nothing has changed; without dist/ all is made anew. With --unchecked types are not checked, which takes half
// of the compiler's time: so it is when the package is installed, where "npm run typecheck" has passed. The compiler is the native one,
// which takes a quarter of the time of TypeScript 6; tap brings it, and needs TypeScript 6 for itself.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildPage } from './build-page.mjs'
import { UpToDate } from './up-to-date.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = createRequire(import.meta.url)
  .resolve('@typescript/native-preview/package.json')
  .replace('package.json', 'bin/tsgo')

const upToDate = new UpToDate(root, {
  // The last tells which versions of the packages are installed.
  inputs: [
    'lib',
    'bin',
    'web',
    'scripts/build.mjs',
    'scripts/build-page.mjs',
    'scripts/keep-compiled.mjs',
    'package.json',
    'tsconfig.json',
    'node_modules/.package-lock.json',
  ],
  outputs: ['dist', 'bundle', 'man'],
  note: 'dist/.built',
})
if (upToDate.holds) process.exit()

// The old ones go first, so that a deleted source leaves no ghost behind.
for (const folder of ['dist', 'bundle']) rmSync(`${root}/${folder}`, { recursive: true, force: true })

// On another processor than the compiler.
const pageBuilt = buildPage()
const unchecked = process.argv.includes('--unchecked') ? ['--noCheck'] : []
const compiling = spawn(process.execPath, [compiler, '-p', `${root}/tsconfig.json`, ...unchecked], {
  stdio: 'inherit',
})
const [status] = await once(compiling, 'exit')
if (status !== 0) process.exit(status ?? 1)

/**
 * Packages that few commands need and that are large: a file each, loaded on demand, so that no other command reads them.
 */
const apart = [
  '@opentelemetry/api',
  'ajv',
  'cli-progress',
  'cli-table3',
  'fzstd',
  'iconv-lite',
  'ipaddr.js',
  'nodemailer',
  'picomatch',
  'pino',
  'pino-pretty',
  'prom-client',
  'standardwebhooks',
  'tinyglobby',
  'yauzl',
]

const packagesApart = {
  name: 'packages-apart',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve }) {
    onResolve({ filter: new RegExp(`^(${apart.join('|').replaceAll('.', '\\.')})$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${fileOf(path)}.cjs`, external: true },
    )
  },
}

const fileOf = (/** @type {string} */ name) => name.replace(/^@/, '').replace('/', '-')

/** prom-client asks OpenTelemetry only for exemplars, which nobody here makes. */
const metricsWithoutTraces = {
  name: 'metrics-without-traces',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
    const namespace = 'no-traces'
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path, importer }) =>
      importer.includes('/prom-client/') ? { path, namespace } : undefined,
    )
    onLoad({ filter: /./, namespace }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What only "dasy serve" needs: one file for all of them, because they share packages. */
const ofService = [
  '@fastify/cookie',
  '@fastify/helmet',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/swagger',
  '@fastify/swagger-ui',
  '@tus/file-store',
  '@tus/server',
  'fastify',
  'typebox',
]

const packagesOfService = {
  name: 'packages-of-service',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
    const namespace = 'of-service'
    onResolve({ filter: new RegExp(`^(${ofService.join('|')})$`) }, ({ path }) => ({ path, namespace }))
    onResolve({ filter: /^\.\/service\.cjs$/, namespace }, ({ path }) => ({ path, external: true }))
    const textOf = (/** @type {string} */ name) => `module.exports = require('./service.cjs')['${name}']`
    onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: textOf(path), resolveDir: root }))
  },
}

/** Of yargs only the parser is used. The rest of that module is for its own help and languages. */
const parserOfYargs = {
  name: 'parser-of-yargs',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
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
  logLevel: /** @type {const} */ ('warning'),
}

const script = {
  ...common,
  format: /** @type {const} */ ('cjs'),
  outExtension: { '.js': '.cjs' },
  // Node.js 20 cannot import from a script that V8 took from its cache.
  supported: { 'dynamic-import': false },
  define: { ...common.define, 'import.meta.url': 'urlOfScript' },
  banner: { js: "const urlOfScript = require('node:url').pathToFileURL(__filename).href;" },
}

const module = {
  ...common,
  format: /** @type {const} */ ('esm'),
  // CommonJS packages need require(), which a module lacks.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
}

// The command line is one script, because Node.js 20 can load scripts, but not modules, from V8's cache.
await build({
  ...script,
  plugins: [parserOfYargs, metricsWithoutTraces, packagesApart, packagesOfService],
  entryPoints: ['dist/cli/main.js', ...apart.map((name) => ({ in: name, out: fileOf(name) }))],
})
// Without the replacements of the others: these packages need all of fetch.
const all = ofService.map((name) => `'${name}': require('${name}')`).join(',')
const { outdir, outExtension, ...toOneFile } = script
await build({
  ...toOneFile,
  define: { 'import.meta.url': 'urlOfScript' },
  stdin: { contents: `module.exports = {${all}}`, resolveDir: root },
  outfile: `${outdir}/service.cjs`,
})
// The reader of the OpenAPI document in a browser.
const reader = `${root}/node_modules/@fastify/swagger-ui/static`
mkdirSync(`${root}/bundle/swagger-ui`, { recursive: true })
const icons = ['favicon-16x16.png', 'favicon-32x32.png']
const page = ['swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'swagger-ui.css', 'index.css']
for (const name of [...icons, ...page]) copyFileSync(`${reader}/${name}`, `${root}/bundle/swagger-ui/${name}`)
const keeping = spawnSync(process.execPath, [`${root}/scripts/keep-compiled.mjs`], {
  cwd: root,
  encoding: 'utf8',
})
if (keeping.status !== 0) throw new Error(keeping.stderr)
// The worker thread, and the process that leaves the embedded server: one file each.
await build({
  ...module,
  entryPoints: ['dist/load/worker.js', 'dist/db/embedded/stop-if-unused.js'],
})
// A program's threads start sooner by it as well. dist/load is as deep as bundle/cli.
copyFileSync(`${root}/bundle/cli/worker.js`, `${root}/dist/load/worker.js`)
rmSync(`${root}/dist/load/worker.js.map`)

await pageBuilt

// The manual is made of what --help shows.
const { manPage } = await import('../dist/cli/man.js')
const { ownVersion } = await import('../dist/base/package.js')
mkdirSync(`${root}/man`, { recursive: true })
writeFileSync(`${root}/man/dasy.1`, manPage(ownVersion()))
upToDate.record()
