import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { TestRun } from './test-run.mjs'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Files that nobody here wrote (see the project's data notes). They are bytes: never edit them. */
export const realFiles = {
  /** 998 records, 499 distinct sku; CRLF, with LF in quoted fields; no line end at the end. */
  products: path('../fixtures/products-1000.csv'),
  /** 5,000 records by `title`; spaces in column names, many empty cells. */
  titles: path('../../examples/job-titles/2019_free_title_data.csv'),
}

/** A temporary folder that goes with the test; with the run where the test is killed. */
export function folder(t: Test): string {
  const made = mkdtempSync(join(TestRun.current().folder, 'files-'))
  t.teardown(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A temporary file that goes with the test. @returns its path */
export function file(t: Test, content: string | Uint8Array, name = 'input.csv'): string {
  const made = join(folder(t), name)
  writeFileSync(made, content)
  return made
}

/** A product file by the project's own generator. @returns its path */
export function generatedProducts(t: Test, records: number, ...options: string[]): string {
  const made = join(folder(t), 'generated.csv')
  const args = [path('../../scripts/make-products.mjs'), '--records', `${records}`, '--out', made, ...options]
  const { status, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`make-products failed: ${stderr}`)
  return made
}
