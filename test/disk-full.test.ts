import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { canResume } from './kill/dasy.mjs'
import { OwnServer } from './kill/server.mjs'
import { CliProcess, type Ending } from './support/cli-process.js'
import { TestDatabase, testDatabase } from './support/database.js'
import { folder, generatedProducts } from './support/files.js'
import { assertNothingLeft } from './support/leftovers.js'
import { compareTables, Oracle } from './support/oracle.js'

/** A server that has no room: the load fails and says so, the table is as it was, and with more room it goes on. */

const RECORDS = 60_000
const MB = 1 << 20

/** A load into a table that holds a little, which is to fail, and then is gone on with. */
class Load {
  readonly #t: Test
  readonly #db: TestDatabase
  readonly #file: string
  #before = ''

  private constructor(t: Test, db: TestDatabase) {
    this.#t = t
    this.#db = db
    this.#file = generatedProducts(t, RECORDS, '--changed', '50')
  }

  static async prepare(t: Test, db: TestDatabase): Promise<Load> {
    const load = new Load(t, db)
    const ending = await load.run('ingest', generatedProducts(t, RECORDS, '--first', '2000'))
    t.equal(ending.status, 0, ending.stdout)
    load.#before = await load.#digest()
    return load
  }

  start(): Promise<Ending> {
    return this.run('ingest', this.#file, '--workers', '2', ...(canResume ? ['--retry-for', '1'] : []))
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
    const ending = canResume ? await this.run('resume', '2') : await this.start()
    t.equal(ending.status, 0, ending.stdout + ending.stderr)
    const oracle = await Oracle.load(t, db, this.#file)
    const expected = { key: ['sku'] }
    await compareTables(t, db, 'products', oracle.table(expected))
    await compareTables(t, db, 'products_agg', oracle.aggregate(expected))
    await assertNothingLeft(t, db)
  }

  #digest(): Promise<string> {
    const all = (table: string) =>
      `(SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM ${table} AS t)`
    return this.#db.value(`SELECT ${all('products')} || ${all('products_agg')}`)
  }
}

t.test('no room for temporary files', async (t) => {
  const db = await testDatabase(t)
  const load = await Load.prepare(t, db)
  for (const limit of [`temp_file_limit = '100kB'`, `work_mem = '64kB'`])
    await db.run(`ALTER DATABASE ${db.name} SET ${limit}`)
  const { status, stdout } = await load.start()
  t.equal(status, 1, stdout)
  t.match(JSON.parse(stdout), {
    error: { code: 'DISK_FULL', message: /temp_file_limit/, hint: /\S/, run: 2 },
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

  static async make(t: Test): Promise<SmallDisk> {
    const mount = join(folder(t), 'disk')
    mkdirSync(mount)
    run('mount', '-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', mount)
    t.teardown(() => run('umount', '-l', mount))
    chmodSync(mount, 0o755)
    // A log that is written over soon, so that it has its size from the start.
    const settings = {
      min_wal_size: '32MB',
      max_wal_size: '64MB',
      wal_buffers: '1MB',
      shared_buffers: '32MB',
    }
    const server = await OwnServer.start({ folder: mount, settings })
    t.teardown(() => server.destroy())
    return new SmallDisk(server, mount)
  }

  async database(t: Test): Promise<TestDatabase> {
    const db = await TestDatabase.create(this.server.url(), 'disk_full_')
    t.teardown(async () => {
      await this.server.up()
      await db.drop()
    })
    return db
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
  const disk = await SmallDisk.make(t)
  const load = await Load.prepare(t, await disk.database(t))
  disk.leave(4 * MB)
  const { status, stdout } = await load.start()
  t.equal(status, 1, stdout)
  t.match(JSON.parse(stdout), {
    error: { code: 'DISK_FULL', message: /No space left/, hint: /room/, run: 2 },
  })
  disk.leave(500 * MB)
  await load.checkUntouched()
  await load.goOn()
})

t.test('no room for the log, which ends the server', { skip: cannotMount() }, async (t) => {
  const disk = await SmallDisk.make(t)
  const load = await Load.prepare(t, await disk.database(t))
  // What is staged takes about the file's size, 11 MB; the rest is for the table and its log.
  disk.leave(24 * MB)
  const { status, stdout, stderr } = await load.start()
  t.ok(status === 1 || status === 4, `status ${status}: ${stdout}`)
  t.match(JSON.parse(stdout), {
    error: { code: /^(DISK_FULL|CONNECTION_LOST|CONNECTION_FAILED)$/, hint: /\S/ },
  })
  t.notMatch(stderr + stdout, /fault in dasy/)
  disk.leave(500 * MB)
  await disk.server.up()
  await load.checkUntouched()
  await load.goOn()
})
