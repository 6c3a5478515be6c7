import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Test } from 'tap'
import { ordinaryUser } from './cli-process.js'
import type { TestDatabase } from './database.js'
import { folder } from './files.js'

export type PoolMode = 'session' | 'transaction' | 'statement'

export interface PoolOptions {
  readonly mode: PoolMode
  /** Connections to the server at most. */
  readonly size: number
  /** More lines of its configuration. */
  readonly more?: readonly string[]
}

export const hasPgBouncer = spawnSync('pgbouncer', ['--version']).status === 0

/** A real PgBouncer in front of a database; it ends with the test. @returns the URL to connect to */
export async function pgBouncer(
  t: Test,
  db: TestDatabase,
  { mode, size, more = [] }: PoolOptions,
): Promise<string> {
  const port = await freePort()
  const place = folder(t)
  const server = new URL(db.url)
  // An empty one is a mistake in its configuration.
  const password = server.password && ` password=${decodeURIComponent(server.password)}`
  const config = join(place, 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `${db.name} = host=${server.hostname} port=${server.port} dbname=${db.name} user=${server.username}${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    `default_pool_size = ${size}`,
    'ignore_startup_parameters = extra_float_digits',
    ...more,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  for (const path of [place, config]) chmodSync(path, 0o755) // it refuses to run as root
  const child = spawn('pgbouncer', ['-q', config], { stdio: 'ignore', ...ordinaryUser })
  t.teardown(() => ended(child))
  const url = `postgresql://${server.username}@127.0.0.1:${port}/${db.name}`
  await answers(url)
  return url
}

async function answers(url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    try {
      await client.connect()
      return
    } catch (error) {
      if (tries === 200) throw error
      await sleep(50)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await over
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
