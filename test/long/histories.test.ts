/**
 * Histories by chance: loads, runs that delete or take back, and writes of others, against whole copies of the table in
 * JavaScript. After each step the table, its aggregate and the run's changes are compared, and those of some earlier run. To see
 * one again: DASY_SEED=N npx tap test/long/histories.test.ts
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change } from '../../lib/contract/change.js'
import type { Receipt } from '../../lib/contract/receipt.js'
import { aggregate, apply, changes, ingest, plan, purge, undo, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { folder } from '../support/files.js'
import {
  Chance,
  countsBy,
  difference,
  type ModelChange,
  type Row,
  type Rows,
  takenBack,
} from '../support/history-model.js'

const SEED = Number(process.env.DASY_SEED ?? Date.now() % 1_000_000)
/** `.ci/run` does a tenth. */
const STEPS = Math.round(200 * Number(process.env.DASY_LONG_SHARE ?? 1))

/** What a column may hold, as PostgreSQL writes it. */
interface ColumnOf {
  readonly name: string
  readonly values: readonly (string | null)[]
  /** What a row gets that is inserted without it. */
  readonly fallback: string | null
}

interface Kind {
  readonly table: string
  readonly key: string
  readonly keys: readonly string[]
  /** Without the key, in the order of the table. */
  readonly columns: readonly ColumnOf[]
  /** Makes the table; without it the first load does. */
  readonly made?: string
  readonly counted: string
}

const NAMES = ['Ann', 'Bob', null, '', 'a "b"', 'c,d', 'NULL']
const NOTES = [null, '', 'x\ny', "it's", '\\.', 'é😀', 'long '.repeat(600), '{}', ' blank ']
const numbered = (count: number, prefix = '') => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`)

const KINDS: readonly Kind[] = [
  {
    table: 'products',
    key: 'sku',
    keys: numbered(40, 'k'),
    columns: [
      { name: 'name', values: NAMES, fallback: null },
      { name: 'description', values: NOTES, fallback: null },
    ],
    counted: 'name',
  },
  {
    table: 'things',
    key: 'id',
    keys: numbered(40),
    columns: [
      { name: 'name', values: NAMES, fallback: 'plain' },
      { name: 'price', values: ['1.500', '0.000', '-3.250', 'NaN', null], fallback: null },
      { name: 'at', values: ['2026-01-02 03:04:05.6+00', 'infinity', null], fallback: null },
      { name: 'tags', values: ['{}', '{a,NULL,"b c"}', null], fallback: '{}' },
      { name: 'ratio', values: ['-0', '0', '0.1', null], fallback: '0.5' },
      { name: 'note', values: NOTES, fallback: null },
    ],
    made: `CREATE TABLE things (id integer PRIMARY KEY, name text DEFAULT 'plain', price numeric(9,3), at timestamptz,
      tags text[] DEFAULT '{}', ratio float8 DEFAULT 0.5, note varchar(5000))`,
    counted: 'name',
  },
]

/** What a run did, and what is known of it. */
interface Done {
  readonly run: number
  readonly changes: readonly ModelChange[]
  /** Where the record of each key is; none for runs without a source. */
  readonly places: ReadonlyMap<string, { byte: number; line: number }>
  readonly path: string | null
  readonly isFirstLoad: boolean
  /** Of a first load: keys that somebody else, or a run without history, has written since. It cannot tell them any more. */
  readonly lost: Set<string>
  readonly undoes?: number
}

class History {
  readonly chance: Chance
  readonly done: Done[] = []
  rows: Rows = new Map()
  step = 0
  hasLoaded = false

  constructor(
    readonly t: Test,
    readonly db: TestDatabase,
    readonly kind: Kind,
    readonly files: string,
    seed: number,
  ) {
    this.chance = new Chance(seed)
  }

  get options() {
    return { databaseUrl: this.db.url, table: this.kind.table, key: this.kind.key, workers: 1, retryFor: 0 }
  }

  /** One of the operations that are possible now. */
  async next(): Promise<string> {
    this.step += 1
    const possible = OPERATIONS.filter(({ needs }) => this.hasLoaded || !needs)
    const all = possible.flatMap((operation) => Array(operation.often).fill(operation) as Operation[])
    const { name, run } = this.chance.one(all)
    await run(this)
    return name
  }

  /** A run has made these rows. */
  record(receipt: Receipt, rows: Rows, more: Partial<Done> = {}): void {
    const found = difference(this.rows, rows, this.kind.key).map((change) => this.whole(change))
    const isFirstLoad = more.path !== undefined && this.rows.size === 0 && rows.size > 0
    const plain = { places: new Map(), path: null, lost: new Set<string>() }
    this.done.push({ run: receipt.run, changes: found, isFirstLoad, ...plain, ...more })
    this.rows = rows
    this.hasLoaded = true
  }

  /** Somebody writes a row of whom nothing is kept. */
  lose(id: string): void {
    for (const { lost } of this.done) lost.add(id)
  }

  /** Inserts and deletes show the key as a value too. */
  whole({ op, key, old, new: is }: ModelChange): ModelChange {
    if (op === 'update') return { op, key, old: old as Row, new: is as Row }
    return op === 'insert' ? { op, key, new: { ...key, ...is } } : { op, key, old: { ...key, ...old } }
  }

  async compare(): Promise<string[]> {
    const problems: string[] = []
    const same = (what: string, found: unknown, wanted: unknown) => {
      const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
      if (one !== other) problems.push(`${what}\nfound  ${one}\nwanted ${other}`)
    }
    if (!this.hasLoaded && !this.kind.made) return problems
    same('the table', await this.#table(), sorted(this.rows))
    if (this.hasLoaded) same('the aggregate', await this.#counts(), countsBy(this.rows, this.kind.counted))
    for (const run of new Set([
      this.done.at(-1),
      this.done.length > 0 ? this.chance.one(this.done) : undefined,
    ]))
      if (run) same(`the changes of run ${run.run}`, ...(await this.#changes(run)))
    return problems
  }

  async #table(): Promise<unknown> {
    const { table, key, columns } = this.kind
    const list = columns.map(({ name }) => `'${name}', ${name}::text`).join(', ')
    const found = await this.db.rows<{ key: string; row: Row }>(
      `SELECT ${key}::text AS key, json_build_object(${list}) AS row FROM ${table}`,
    )
    return sorted(new Map(found.map(({ key: id, row }) => [id, row])))
  }

  async #counts(): Promise<string[]> {
    const { table, counted } = this.kind
    const found = await this.db.rows<{ value: string | null; count: number }>(
      `SELECT ${counted} AS value, no_of_${table} AS count FROM ${table}_agg`,
    )
    return found.map(({ value, count }) => `${JSON.stringify(value)} ${count}`).toSorted()
  }

  /** Of a first load those of keys that only runs have written since. */
  async #changes({
    run,
    changes: wanted,
    places,
    path,
    isFirstLoad,
    lost,
  }: Done): Promise<[unknown, unknown]> {
    const { key } = this.kind
    const isTold = ({ key: named }: Pick<Change, 'key'>) => !isFirstLoad || !lost.has(`${named[key]}`)
    const found: Change[] = []
    for await (const change of changes(run, { databaseUrl: this.db.url })) found.push(change)
    const byKey = (one: Pick<Change, 'key'>, other: Pick<Change, 'key'>) =>
      `${one.key[key]}` < `${other.key[key]}` ? -1 : 1
    const shown = found.filter(isTold).toSorted(byKey).map(ordered)
    const expected = wanted
      .filter(isTold)
      .map((change) => {
        const place = change.op === 'delete' ? undefined : places.get(`${change.key[key]}`)
        return {
          ...change,
          source: place ? path : null,
          byte: place?.byte ?? null,
          line: place?.line ?? null,
        }
      })
      .toSorted(byKey)
      .map(ordered)
    return [shown, expected]
  }

  /** Some keys in no order, and values for some of the columns. */
  records(): { columns: ColumnOf[]; list: { id: string; values: (string | null)[] }[] } {
    const { chance, kind } = this
    const columns = chance.is(0.6) ? [...kind.columns] : chance.some(kind.columns, 0.5)
    const keys = chance.is(0.2) ? kind.keys : chance.some(kind.keys, chance.one([0.1, 0.4, 0.8]))
    const ids = [...keys, ...chance.some(keys, 0.1)].toSorted(() => chance.below(3) - 1)
    const list = ids.map((id) => ({ id, values: columns.map(({ values }) => chance.one(values)) }))
    return { columns, list: list.length > 0 ? list : [{ id: '1', values: columns.map(() => null) }] }
  }

  /** What such records make of the table: the last of each key counts. */
  loaded(
    { columns, list }: ReturnType<History['records']>,
    { inserts = true, updates = true, deletes = false } = {},
  ): Rows {
    const { kind } = this
    const rows = new Map(this.rows)
    const brought = new Map(list.map(({ id, values }) => [id, values]))
    for (const [id, values] of brought) {
      const before = this.rows.get(id)
      if (before ? !updates : !inserts) continue
      const row: Record<string, string | null> = {}
      for (const { name, fallback } of kind.columns) row[name] = before ? (before[name] ?? null) : fallback
      for (const [index, { name }] of columns.entries()) row[name] = values[index] ?? null
      if (!before || Object.keys(row).some((name) => !isEqual(row[name], before[name]))) rows.set(id, row)
    }
    if (deletes) for (const id of rows.keys()) if (!brought.has(id)) rows.delete(id)
    return rows
  }

  /** A file of these records. @returns its path, and where the record of each key is that counts */
  file({ columns, list }: ReturnType<History['records']>): Pick<Done, 'places'> & { path: string } {
    const path = join(this.files, `step${this.step}.csv`)
    const quoted = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
    writeFileSync(path, `${[this.kind.key, ...columns.map(({ name }) => name)].join(',')}\n`)
    let [byte, line] = [[this.kind.key, ...columns.map(({ name }) => name)].join(',').length + 1, 2]
    const places = new Map<string, { byte: number; line: number }>()
    for (const { id, values } of list) {
      const record = `${[id, ...values.map(quoted)].join(',')}\n`
      places.set(id, { byte, line })
      byte += Buffer.byteLength(record)
      line += record.split('\n').length - 1
      appendFileSync(path, record)
    }
    return { path, places }
  }
}

/** As PostgreSQL compares: a load does not write a row of which only the sign of a zero would change. */
function isEqual(one: string | null | undefined, other: string | null | undefined): boolean {
  const compared = (value: string | null | undefined) => (value === '-0' ? '0' : value)
  return compared(one) === compared(other)
}

function sorted(rows: Rows): [string, Row][] {
  return [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** The same properties in the same order. */
function ordered({ op, key, old, new: is, source, byte, line }: Change): unknown {
  const values = (row: Row | undefined) =>
    row && Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { op, key, old: values(old), new: values(is), source, byte, line }
}

interface Operation {
  readonly name: string
  /** How often, against the others. */
  readonly often: number
  /** Whether something must have been loaded. */
  readonly needs?: boolean
  run(history: History): Promise<void>
}

/** A load with a file of its own. */
async function load(
  history: History,
  verb: typeof ingest,
  options: object,
  rules: Parameters<History['loaded']>[1] = {},
): Promise<void> {
  const records = history.records()
  const file = history.file(records)
  const rows = history.loaded(records, rules)
  const { kind, hasLoaded } = history
  const receipt = await verb(file.path, { ...history.options, ...options })
  history.record(receipt, rows, file)
  if (!hasLoaded && kind.table !== 'products')
    await aggregate(kind.table, kind.counted, { databaseUrl: history.db.url })
}

/** A plan, and sometimes writes of others before it is applied. */
async function planAndApply(history: History): Promise<void> {
  const { chance, db, kind } = history
  const deletes = chance.is(0.3)
  const records = history.records()
  const file = history.file(records)
  const planned = difference(history.rows, history.loaded(records, { deletes }), kind.key)
  const { run } = await plan(file.path, {
    ...history.options,
    ...(deletes && { sync: true, maxDeletes: '100%' }),
  })
  if (chance.is(0.5)) await foreignWrite(history)
  const rows = history.loaded(records, { deletes })
  const isStale = JSON.stringify(difference(history.rows, rows, kind.key)) !== JSON.stringify(planned)
  const options = { databaseUrl: db.url }
  if (isStale) history.t.equal(await codeOf(apply(run, options)), 'PLAN_STALE')
  else history.record(await apply(run, options), rows, file)
}

async function foreignWrite(history: History): Promise<void> {
  const { chance, kind, db } = history
  const rows = new Map(history.rows)
  for (const id of chance.some(kind.keys, 0.06)) {
    const column = chance.one(kind.columns)
    const value = chance.one(column.values)
    const before = rows.get(id)
    history.lose(id)
    if (!before) {
      const row = Object.fromEntries(kind.columns.map(({ name, fallback }) => [name, fallback]))
      rows.set(id, { ...row, [column.name]: value })
      await db.rows(`INSERT INTO ${kind.table} (${kind.key}, ${column.name}) VALUES ($1, $2)`, [id, value])
    } else if (chance.is(0.3)) {
      rows.delete(id)
      await db.rows(`DELETE FROM ${kind.table} WHERE ${kind.key} = $1`, [id])
    } else {
      rows.set(id, { ...before, [column.name]: value })
      await db.rows(`UPDATE ${kind.table} SET ${column.name} = $2 WHERE ${kind.key} = $1`, [id, value])
    }
  }
  history.rows = rows
}

async function withoutHistory(history: History): Promise<void> {
  const records = history.records()
  const rows = history.loaded(records)
  if (rows.size > 0 && history.rows.size === 0) return
  await ingest(history.file(records).path, { ...history.options, history: false })
  for (const { key } of difference(history.rows, rows, history.kind.key))
    history.lose(`${key[history.kind.key]}`)
  history.rows = rows
}

async function purgeSome(history: History): Promise<void> {
  const { chance, kind, db } = history
  const few = new Set(chance.some(kind.keys, 0.2))
  const list = [...few].map((id) => `'${id}'`).join(', ')
  const where = chance.is(0.1) ? undefined : `${kind.key} IN (${list || 'NULL'})`
  const rows = new Map([...history.rows].filter(([id]) => where !== undefined && !few.has(id)))
  const receipt = await purge(kind.table, { databaseUrl: db.url, where })
  history.t.equal(receipt.rows.deleted, history.rows.size - rows.size)
  history.record(receipt, rows)
}

/** Whether a run stands undone: by an undo that was not taken back itself. */
function isUndone(history: History, run: number): boolean {
  return history.done.some((each) => each.undoes === run && !isUndone(history, each.run))
}

/** The code of the error that a call throws. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'done',
    ({ code }) => code ?? 'no code',
  )
}

async function undoOne(history: History): Promise<void> {
  const { chance, db, done } = history
  // How many rows of a first load somebody else has changed is known, but not which.
  const candidates = done.filter(
    ({ changes: all, isFirstLoad, lost }) => all.length > 0 && !(isFirstLoad && lost.size > 0),
  )
  const recent = candidates.slice(-12)
  if (recent.length === 0) return
  const { run, changes: all } = chance.one(chance.is(0.7) ? recent : candidates)
  const options = { databaseUrl: db.url }
  if (isUndone(history, run)) {
    history.t.equal(await codeOf(undo(run, options)), 'ALREADY_UNDONE')
    return
  }
  const { key } = history.kind
  const plain = all.map(({ op, key: named, old, new: is }) => ({
    op,
    key: named,
    ...(old && { old: without(old, key) }),
    ...(is && { new: without(is, key) }),
  }))
  const { rows, conflicts, gone } = takenBack(plain, history.rows)
  if (conflicts > 0 && chance.is(0.5)) {
    history.t.equal(await codeOf(undo(run, options)), 'UNDO_CONFLICTS')
    return
  }
  const receipt = await undo(run, { ...options, skipConflicts: conflicts > 0 })
  const { read, unchanged, skipped, inserted, updated, deleted } = receipt.rows
  history.t.same(
    { read, unchanged, skipped, written: inserted + updated + deleted },
    { read: all.length, unchanged: gone, skipped: conflicts, written: all.length - conflicts - gone },
    `the receipt of the undo of run ${run}`,
  )
  history.record(receipt, rows, { undoes: run })
}

function without(row: Row, key: string): Row {
  const { [key]: _, ...others } = row
  return others
}

const OPERATIONS: readonly Operation[] = [
  { name: 'ingest', often: 5, run: (history) => load(history, ingest, {}) },
  { name: 'update', often: 2, needs: true, run: (history) => load(history, update, {}) },
  {
    name: 'update --existing-only',
    often: 2,
    needs: true,
    run: (history) => load(history, update, { existingOnly: true }, { inserts: false }),
  },
  {
    name: 'ingest --on-conflict skip',
    often: 1,
    run: (history) => load(history, ingest, { onConflict: 'skip' }, { updates: false }),
  },
  { name: 'ingest --no-history', often: 1, needs: true, run: withoutHistory },
  { name: 'foreign writes', often: 3, needs: true, run: foreignWrite },
  {
    name: 'ingest --sync',
    often: 1,
    needs: true,
    run: (history) => load(history, ingest, { sync: true, maxDeletes: '100%' }, { deletes: true }),
  },
  { name: 'plan, apply', often: 3, needs: true, run: planAndApply },
  { name: 'purge', often: 1, needs: true, run: purgeSome },
  { name: 'undo', often: 5, needs: true, run: undoOne },
]

for (const [index, kind] of KINDS.entries()) {
  const seed = SEED + index
  t.test(`${STEPS} steps of seed ${seed}, table ${kind.table}`, async (t) => {
    const db = await testDatabase(t)
    if (kind.made) await db.run(kind.made)
    await db.run(`SET TimeZone = 'UTC'`)
    const history = new History(t, db, kind, folder(t), seed)
    const names: string[] = []
    for (let step = 1; step <= STEPS; step++) {
      names.push(await history.next())
      const problems = await history.compare()
      if (problems.length === 0) continue
      t.fail(`DASY_SEED=${SEED}, step ${step}: ${names.at(-1)}`, { problems, before: names.slice(-10) })
      return
    }
    t.pass(`${names.length} steps, ${history.done.length} runs`)
  })
}
