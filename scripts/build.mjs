#!/usr/bin/env node
// Compiles lib/ into dist/. The old dist/ goes first, so that a deleted source leaves no ghost behind.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync(`${root}/dist`, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}/tsconfig.json`], { stdio: 'inherit' })
process.exit(status ?? 1)
