// What a whole test run has left behind, when it must have removed everything.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** What is just about to end has the time to. */
const PATIENCE_MS = 30_000

/** @typedef {import('./test-run.mjs').TestRun} TestRun */

/**
 * @param {TestRun} run
 * @returns {Promise<string[]>} a line each
 */
export async function leftBehind(run) {
  if (!existsSync(run.file)) return []
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const left = [...(await onServer(run)), ...inFolders(run), ...processes(run)]
    if (left.length === 0 || Date.now() > deadline) return left
    await sleep(200)
  }
}

/**
 * Databases and roles, and of the run's own server every session.
 * @param {TestRun} run
 */
async function onServer(run) {
  const { url, embedded } = run.read()
  const client = new pg.Client({ connectionString: url, application_name: 'left behind' })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT 'database ' || datname AS what FROM pg_database WHERE starts_with(datname, $1)
        UNION ALL
       SELECT 'role ' || rolname FROM pg_roles WHERE starts_with(rolname, $1)
        UNION ALL
       SELECT format('session "%s" in %s: %s', application_name, datname, query) FROM pg_stat_activity
        WHERE $2 AND backend_type = 'client backend' AND application_name NOT IN ('left behind', 'dasy lease')`,
      [run.namePrefix, embedded],
    )
    return rows.map(({ what }) => String(what))
  } finally {
    await client.end()
  }
}

/**
 * Temporary files and folders.
 * @param {TestRun} run
 */
function inFolders(run) {
  const own = [run.home, run.file, run.temporary]
  return [run.folder, run.temporary].flatMap((folder) =>
    readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => !own.includes(path)),
  )
}

/**
 * Commands that were started in the run's folder or with its temporary files, and what they have started: servers.
 * @param {TestRun} run
 */
function processes(run) {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => told(pid, 'environ').includes(run.temporary))
    .map((pid) => `process ${pid}: ${told(pid, 'cmdline').replaceAll('\0', ' ')}`)
}

/**
 * @param {string} pid
 * @param {string} what
 */
function told(pid, what) {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'latin1')
  } catch {
    return '' // it has ended
  }
}
