#!/usr/bin/env node
// Compiles lib/: file by file into dist/, for programs that use dasy as a library, and from there into bundle/, for
// the command line. To find and read 200 small files takes Node longer than most commands have to do.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
// As WebAssembly: no binary per platform, so "npm ci --omit=optional" (Dockerfile) builds as well.
import { build } from 'esbuild-wasm'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

// The old ones go first, so that a deleted source leaves no ghost behind.
for (const folder of ['dist', 'bundle']) rmSync(`${root}/${folder}`, { recursive: true, force: true })

const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}/tsconfig.json`], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const common = {
  absWorkingDir: root,
  // All in one folder, as deep as dist/: lib/package.ts finds its way from both, and "./worker.js" is right in both.
  outdir: 'bundle',
  entryNames: '[name]',
  bundle: true,
  format: /** @type {const} */ ('esm'),
  platform: /** @type {const} */ ('node'),
  target: 'node20.19',
  alias: {
    // Its other edition loads its parts by names that a bundler does not see.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
  },
  // By this node-postgres finds out whether it runs at Cloudflare; to be asked, Node 20 loads all of fetch, which takes
  // 28 ms in the process and in each of its threads.
  define: { Response: 'undefined' },
  // node-postgres can do without them, and so must this build.
  external: ['pg-native', 'pg-cloudflare'],
  // What was written for require() has none in a module.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  logLevel: /** @type {const} */ ('warning'),
}

// The command line: what it imports when it is needed stays apart until then.
await build({ ...common, entryPoints: ['dist/cli/main.js'], chunkNames: '[name]-[hash]', splitting: true })
// What it starts, threads and the process that leaves the embedded server in its place: one file each.
await build({ ...common, entryPoints: ['dist/load/worker.js', 'dist/db/embedded/leave.js'] })

// The manual is made of what --help shows.
const { manPage } = await import('../dist/cli/man.js')
const { ownVersion } = await import('../dist/package.js')
mkdirSync(`${root}/man`, { recursive: true })
writeFileSync(`${root}/man/dasy.1`, manPage(ownVersion()))
