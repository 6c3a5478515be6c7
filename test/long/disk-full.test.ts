import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, statfsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { canResume } from '../run/kill/dasy.mjs'
import { OwnServer } from '../run/kill/server.mjs'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { TestDatabase, testDatabase } from '../support/database.js'
import { folder, generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, Oracle } from '../support/oracle.js'

/** A server that has no room: the load fails and says so, the table is as it was, and with more room it goes on. */

const RECORDS = 60_000
const MB = 1 << 20

/** A load into a table that holds a little, which is to fail, and then is gone on with. */
class Load {
  readonly #t: Test
  readonly #db: TestDatabase
  readonly #file: string
  readonly #flags: readonly string[]
  #before = 'no table'

  constructor(t: Test, db: TestDatabase, flags: readonly string[] = []) {
    this.#t = t
    this.#db = db
    this.#flags = flags
    this.#file = generatedProducts(t, RECORDS, '--changed', '50')
  }

  /** So that the table is not empty. */
  async prepare(): Promise<void> {
    const ending = await this.run('ingest', generatedProducts(this.#t, RECORDS, '--first', '2000'))
    this.#t.equal(ending.status, 0, ending.stdout)
    this.#before = await this.#digest()
  }

  start(): Promise<Ending> {
    const retry = canResume ? ['--retry-for', '1'] : []
    return this.run('ingest', this.#file, '--workers', '2', ...this.#flags, ...retry)
  }

  run(...args: string[]): Promise<Ending> {
    return CliProcess.start(this.#t, [...args, '--json', '--database-url', this.#db.url]).ended
  }

  async checkUntouched(): Promise<void> {
    this.#t.equal(await this.#digest(), this.#before, 'the tables are as they were')
  }

  /** Where it cannot be gone on with yet it is run again. */
  async goOn(): Promise<void> {
    const t = this.#t
    const db = this.#db
    const ending = canResume ? await this.run('resume', `${await this.#latestRun()}`) : await this.start()
    t.equal(ending.status, 0, ending.stdout + ending.stderr)
    const oracle = await Oracle.load(t, db, this.#file)
    const expected = { key: ['sku'] }
    await compareTables(t, db, 'products', oracle.table(expected))
    await compareTables(t, db, 'products_agg', oracle.aggregate(expected))
    await assertNothingLeft(t, db)
  }

  #latestRun(): Promise<number> {
    return this.#db.value('SELECT max(run) FROM dasy.runs')
  }

  async #digest(): Promise<string> {
    if (await this.#db.value(`SELECT to_regclass('products') IS NULL`)) return 'no table'
    const all = (table: string) =>
      `(SELECT md5(string_agg(t::text, E'\n' ORDER BY t::text)) FROM ${table} AS t)`
    return this.#db.value(`SELECT ${all('products')} || ${all('products_agg')}`)
  }
}

t.test('no room for temporary files', async (t) => {
  const db = await testDatabase(t)
  await db.run(`ALTER DATABASE ${db.name} SET temp_file_limit = '100kB'`)
  // The index of the key does not fit into so little memory.
  const load = new Load(t, db, ['--work-mem', '1MB'])
  const { status, stdout } = await load.start()
  t.equal(status, 1, stdout)
  t.match(JSON.parse(stdout), {
    error: { code: 'DISK_FULL', message: /temp_file_limit/, hint: /\S/, run: 1 },
  })
  await load.checkUntouched()
  await db.run(`ALTER DATABASE ${db.name} RESET temp_file_limit`)
  await load.goOn()
})

/** A disk of its own for a server of its own. */
class SmallDisk {
  private constructor(
    readonly server: OwnServer,
    readonly mount: string,
  ) {}

  /** @param what lies on it */
  static async make(t: Test, what: 'everything' | 'the log'): Promise<SmallDisk> {
    const parent = folder(t)
    const mount = join(parent, 'disk')
    mkdirSync(mount)
    run('mount', '-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', mount)
    let server: OwnServer | undefined
    t.teardown(async () => {
      await server?.destroy().catch(() => {}) // whatever became of it
      run('umount', '-l', mount)
    })
    for (const path of [parent, mount]) chmodSync(path, 0o755) // for the server's user
    // A log that is written over soon, so that it stays small.
    const settings = {
      min_wal_size: '32MB',
      max_wal_size: '64MB',
      wal_buffers: '1MB',
      shared_buffers: '32MB',
    }
    server = await OwnServer.start({ folder: what === 'everything' ? mount : parent, settings })
    if (what === 'the log') {
      await server.down('SIGINT')
      run('mv', join(server.data, 'pg_wal'), mount)
      symlinkSync(join(mount, 'pg_wal'), join(server.data, 'pg_wal'))
      await server.up()
    }
    return new SmallDisk(server, mount)
  }

  /** It goes with the server. */
  database(): Promise<TestDatabase> {
    return TestDatabase.create(this.server.url(), 'disk_full_')
  }

  /** Leaves so much room from now on. */
  leave(bytes: number): void {
    const { blocks, bfree, bsize } = statfsSync(this.mount)
    run('mount', '-o', `remount,size=${(blocks - bfree) * bsize + bytes}`, this.mount)
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Why there can be no small disk here; false: there can. */
function cannotMount(): string | false {
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  })
  return probe.status === 0 ? false : `a file system cannot be mounted here: ${probe.error ?? probe.stderr}`
}

t.test('no room for what is staged', { skip: cannotMount() }, async (t) => {
  const disk = await SmallDisk.make(t, 'everything')
  const db = await disk.database()
  const load = new Load(t, db)
  await load.prepare()
  // The log has files that it needs no longer and uses again: only what is staged needs room.
  await db.run('SELECT pg_switch_wal(); CHECKPOINT')
  disk.leave(4 * MB)
  const { status, stdout } = await load.start()
  t.equal(status, 1, stdout)
  t.match(JSON.parse(stdout), {
    error: { code: 'DISK_FULL', message: /No space left/, hint: /Free space/, run: 2 },
  })
  disk.leave(500 * MB)
  await load.checkUntouched()
  await load.goOn()
})

t.test('no room for the log, which ends the server', { skip: cannotMount() }, async (t) => {
  const disk = await SmallDisk.make(t, 'the log')
  const db = await disk.database()
  const load = new Load(t, db)
  await load.prepare()
  // Less than the log's next file, and PostgreSQL goes down sooner than it would lose what it has to write.
  disk.leave(8 * MB)
  const { status, stdout, stderr } = await load.start()
  t.ok(status === 1 || status === 4, `status ${status}: ${stdout}`)
  t.match(JSON.parse(stdout), {
    error: { code: /^(DISK_FULL|CONNECTION_LOST|CONNECTION_FAILED)$/, hint: /\S/ },
  })
  t.notMatch(stderr + stdout, /fault in dasy/)
  disk.leave(500 * MB)
  await disk.server.up()
  db.reconnect()
  await load.checkUntouched()
  await load.goOn()
})
