import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { OwnServer } from '../run/kill/server.mjs'
import { COMMAND } from '../support/cli.js'
import { file } from '../support/files.js'

/**
 * Only the first process of the server is killed while a table is written: its sessions see that and roll back, but nobody is left
 * to write that to the log. If they had made an unlogged table, PostgreSQL would not start any more ("could not create file …:
 * File exists"): it makes the table's first fork again from the log, and finds the other one still there.
 */

const ROWS = 200
const content = (value: string, from = 1) =>
  `sku,name\n${Array.from({ length: ROWS }, (_, i) => `k${i + from},${value}${i % 7}\n`).join('')}`

const folder = t.testdir()
chmodSync(folder, 0o755)
const server = await OwnServer.start({ folder })
t.teardown(() => server.destroy())

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(server.url())
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

function dasy(...args: readonly string[]): Promise<number | null> {
  const child = spawn('env', [...COMMAND, ...args, '--quiet'], {
    env: { ...process.env, DATABASE_URL: server.url() },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve) => child.on('exit', resolve))
}

async function run(): Promise<string> {
  const [newest] = await query('SELECT max(run) AS run FROM dasy.runs')
  return String(newest?.run)
}

/** Lets no change set be noted: the command waits for that when the table is written. */
async function lockSets(): Promise<pg.Client> {
  const client = new pg.Client(server.url())
  client.on('error', () => {})
  await client.connect()
  await client.query('BEGIN; LOCK TABLE dasy.change_sets IN SHARE MODE')
  return client
}

const WAITING = `SELECT FROM pg_stat_activity WHERE application_name LIKE 'dasy%' AND wait_event_type = 'Lock'`

async function isWaiting(): Promise<void> {
  while ((await query(WAITING)).length === 0) await sleep(20)
}

const TRIGGER = `
  CREATE OR REPLACE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER same BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION same()`

const [first, other, fewer] = ['a', 'b', 'c'].map((value, index) => file(t, content(value, index * 20)))

/** What is done before, the command, and how many rows there are after it. */
const CASES: readonly [string, () => Promise<unknown>, () => Promise<string[]>, number][] = [
  ['update', async () => {}, async () => ['update', other as string], ROWS + 20],
  ['update with a trigger', () => query(TRIGGER), async () => ['update', other as string], ROWS + 20],
  ['a sync', async () => {}, async () => ['ingest', fewer as string, '--sync', '--max-deletes', '50%'], ROWS],
  ['undo', () => dasy('update', other as string), async () => ['undo', await run()], ROWS],
  ['undo of a first load', async () => {}, async () => ['undo', await run()], 0],
  ['purge', async () => {}, async () => ['purge', 'products', '--yes'], 0],
]

for (const [name, prepare, args, rows] of CASES)
  t.test(name, async (t) => {
    await query('DROP VIEW IF EXISTS products_agg; DROP TABLE IF EXISTS products')
    t.equal(await dasy('ingest', first as string), 0)
    await prepare()
    await lockSets()
    const ended = dasy(...(await args()))
    await isWaiting()
    // All that is logged so far gets to the disk.
    await query('CREATE TABLE flushed (); DROP TABLE flushed')
    await server.down('postmaster')
    await server.up()
    t.equal(await ended, 0, 'it goes on by itself')
    t.match(await query('SELECT count(*)::integer AS rows FROM products'), [{ rows }])
    t.match(await query('SELECT coalesce(sum(no_of_products), 0)::integer AS rows FROM products_agg'), [
      { rows },
    ])
  })
