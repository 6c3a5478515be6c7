import { once } from 'node:events'
import { chmodSync, cpSync, readFileSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { parseDocument } from 'yaml'
import type { TestDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import { TestRun } from '../support/test-run.mjs'
import { asDeclared } from './output.js'
import { readPage } from './page.js'
import { lacks, runSteps } from './shell.js'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The parts of a clone that the pages' commands use. */
const COPIED = ['examples', 'package.json', 'dasy.schema.json']
const LINKED = ['bin', 'bundle', 'dist', 'node_modules', 'scripts', 'sql']

/** What looks like a fresh clone that is built. */
export function makeClone(t: Test): string {
  const clone = folder(t)
  chmodSync(clone, 0o755) // the embedded server's user is another one where the tests run as root
  for (const name of COPIED) cpSync(join(ROOT, name), join(clone, name), { recursive: true })
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(clone, name))
  return clone
}

/** That the pages make. */
const ROLES = ['loader', 'night_loader', 'watcher']

/** The server may be shared, so the database and the roles of the pages have other names here, and the service another port. */
async function withOwnNames(page: string, database: TestDatabase | undefined): Promise<string> {
  if (!database) return page
  const port = await freePort()
  const { host, pathname } = new URL(database.url)
  const { namePrefix } = TestRun.current()
  return page
    .replaceAll('dasy serve &', `dasy serve --port ${port} &`)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replaceAll(new RegExp(`\\b(${ROLES.join('|')})\\b`, 'g'), `${namePrefix}$1`)
    .replaceAll('@localhost/shop', `@${host}${pathname}`)
    .replaceAll('DATABASE shop', `DATABASE ${database.name}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function dropRoles(database: TestDatabase): Promise<void> {
  for (const role of ROLES.map((name) => `${TestRun.current().namePrefix}${name}`)) {
    if (!(await database.value<boolean>(`SELECT count(*) > 0 FROM pg_roles WHERE rolname = '${role}'`)))
      continue
    await database.run(`DROP OWNED BY ${role} CASCADE`)
    await database.run(`DROP ROLE ${role}`)
  }
}

interface Where {
  readonly clone: string
  readonly env: Record<string, string>
  /** A connection string for the page's SQL. */
  readonly adminUrl: string
  readonly database?: TestDatabase
}

/** That each command of a page ends, and prints, as the page says. */
export async function assertPage(t: Test, page: string, where: Where): Promise<void> {
  const { clone, env, adminUrl, database } = where
  const steps = readPage(await withOwnNames(readFileSync(join(ROOT, page), 'utf8'), database))
  const cwd = page.startsWith('examples/') ? join(clone, dirname(page)) : clone
  const done = await runSteps(t, steps, { cwd, env, adminUrl })
  if (database) await dropRoles(database)
  let last: string | undefined
  for (const [number, step] of steps.entries()) {
    const place = `${page}:${step.line}`
    const result = done[number]
    if (step.kind === 'yaml') t.same(parseDocument(step.text).errors, [], `${place} is YAML`)
    if (step.kind === 'json') t.doesNotThrow(() => JSON.parse(step.text), `${place} is JSON`)
    if (step.kind === 'output' && last !== undefined) {
      t.equal(asDeclared(last), asDeclared(step.text), `${place} is what the command prints`)
    }
    if (step.kind !== 'command' && step.kind !== 'sql') continue
    last = result?.output
    if (step.kind === 'command' && lacks(step.text)) {
      t.comment(`${place} is left out: there is no ${lacks(step.text)} here`)
      continue
    }
    const expected = step.kind === 'command' ? step.status : 0
    t.equal(result?.status, expected, `${place}: ${step.text}`, { output: result?.output })
    if (result?.status !== expected) return
  }
}
