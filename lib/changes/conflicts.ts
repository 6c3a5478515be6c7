import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { UndoConflict, Values } from '../contract/change.js'
import type { Session } from '../db/session.js'
import { type ChangeSet, hasWritten } from '../history/change-set.js'
import { type CurrentRow, currentRow, keyChanges, type StoredKeyChange } from '../history/key-history.js'
import { columnsNow, type Relation } from '../history/relation.js'
import type { Conflict, ConflictKind } from '../history/taking-back.js'
import type { StoredColumn } from '../history/value-text.js'

/** How many conflicts an error lists. */
export const MOST_LISTED = 20

const NAMES: Readonly<Record<ConflictKind, UndoConflict['conflict']>> = {
  gone: 'row gone',
  changed: 'row changed',
  differs: 'row changed',
  there: 'key there again',
  misfit: 'value refused',
  refused: 'row refused',
}

/** Says what stands against taking back single changes of a set: what differs, and which run made it so. */
export class Conflicts {
  readonly #session: Session
  readonly #relation: Relation
  /** The sets that came after it. */
  readonly #later: readonly ChangeSet[]
  /** The columns of the set as they are now; undefined if dropped. */
  readonly #key: readonly StoredColumn[]
  readonly #others: readonly (StoredColumn | undefined)[]

  /** @param sets of the table, as `setsOf` returns them */
  constructor(session: Session, set: ChangeSet, relation: Relation, sets: readonly ChangeSet[]) {
    const now = columnsNow(set, relation.columns)
    this.#session = session
    this.#relation = relation
    this.#later = sets.filter(({ run }) => run > set.run)
    this.#key = now.slice(0, set.key.length) as StoredColumn[]
    this.#others = now.slice(set.key.length)
  }

  /** Within `withTextSettings`. */
  async describe(conflict: Conflict): Promise<UndoConflict> {
    const { key: texts, kind, reason } = conflict
    const key = named(this.#key, texts)
    const told = { key, conflict: NAMES[kind] }
    if (kind === 'misfit' || kind === 'refused') return { ...told, run: null, reason: reason ?? '' }
    const others = this.#others.flatMap((column) => column ?? [])
    const row = await currentRow(this.#session, this.#relation.target, { key: this.#key, others }, texts)
    const changes = await keyChanges(this.#session, this.#later, { columns: this.#key, texts })
    const now = row && { ...named(this.#key, row.key), ...named(others, row.others) }
    const left = differing(this.#left(conflict, changes), now)
    const shown = now && left ? { left, now: pick(now, Object.keys(left)) } : {}
    return { ...told, ...shown, run: this.#writer(changes, row, shown.now) }
  }

  /** The values that the run left, or inserted, by the names of now. */
  #left({ key, op, new: now, old }: Conflict, changes: readonly StoredKeyChange[]): Values | undefined {
    // Of a first load no copy is kept: it is what the first of the later runs found.
    if (op === null) return this.#found(changes)
    if (op === 'd') return undefined
    const entries = this.#others.flatMap((column, index) => {
      const isChanged = op === 'i' || (old?.[index] ?? null) !== null || (now?.[index] ?? null) !== null
      return column && isChanged ? [[column.name, now?.[index] ?? null] as const] : []
    })
    return { ...(op === 'i' && named(this.#key, key)), ...Object.fromEntries(entries) }
  }

  #found(changes: readonly StoredKeyChange[]): Values {
    const found: Record<string, string | null> = {}
    for (const change of changes) {
      for (const { name, old } of this.#values(change)) found[name] = old
    }
    return found
  }

  /** The run that made the row what it is now; null if it was none. @param now the values that differ */
  #writer(
    changes: readonly StoredKeyChange[],
    row: CurrentRow | undefined,
    now: Values | undefined,
  ): number | null {
    const [newest] = changes
    if (!row) return newest?.op === 'd' ? newest.run : null
    // Of these no values are kept.
    const loads = this.#later.filter(({ kind }) => kind === 'first_load' || kind === 'none')
    const loaded = loads.find((set) => hasWritten(set, row))
    if (loaded) return loaded.run
    if (!newest || newest.op === 'd') return null
    // A key that is there again.
    if (!now) return newest.run
    for (const change of changes) {
      const wrote = this.#values(change).some(({ name, now: value }) => name in now && now[name] === value)
      if (wrote) return change.run
    }
    return null
  }

  /** The values of a later change, by the names of now. */
  #values({
    run,
    op,
    old,
    new: now,
  }: StoredKeyChange): { name: string; old: string | null; now: string | null }[] {
    const set = this.#later.find((each) => each.run === run) as ChangeSet
    const columns = columnsNow(set, this.#relation.columns).slice(set.key.length)
    return columns.flatMap((column, index) => {
      const value = { old: old?.[index] ?? null, now: now?.[index] ?? null }
      const isChanged = op !== 'u' || value.old !== null || value.now !== null
      return column && isChanged ? [{ name: column.name, ...value }] : []
    })
  }
}

function named(columns: readonly StoredColumn[], texts: readonly (string | null)[]): Values {
  return Object.fromEntries(columns.map(({ name }, index) => [name, texts[index] ?? null]))
}

function differing(left: Values | undefined, now: Values | undefined): Values | undefined {
  if (!left || !now) return undefined
  return Object.fromEntries(Object.entries(left).filter(([name, value]) => now[name] !== value))
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]))
}

/** @param found how many there are, of which some are listed */
export function undoConflicts(
  { run, inserted, updated, deleted }: ChangeSet,
  undo: number,
  found: number,
  conflicts: readonly UndoConflict[],
): DasyError {
  const all = count(inserted + updated + deleted)
  const what = found === 1 ? 'one conflict' : `${count(found)} conflicts`
  return new DasyError(
    'UNDO_CONFLICTS',
    `run ${run} cannot be taken back as a whole: ${what} among its ${all} changes; nothing was changed`,
    {
      hint: `To leave those rows as they are: dasy resume ${undo} --skip-conflicts`,
      exitStatus: EXIT.rejected,
      details: { run: undo, undoes: run, conflicting: found, conflicts },
    },
  )
}
