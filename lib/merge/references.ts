import { count } from '../base/count.js'
import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import type { Events } from '../contract/events.js'
import { sqlState } from '../db/failures.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, part, sql, statement } from '../db/sql.js'
import type { Classified } from './classified.js'
import { sameRow } from './target-row.js'

/** A foreign key that refers to the table. */
interface Reference {
  readonly constraint: string
  /** What a deletion does to the rows that refer to it. */
  readonly action: 'a' | 'r' | 'c' | 'n' | 'd'
  /** Whether it is one of the table itself. */
  readonly own: boolean
  /** The table that refers to it, for messages. */
  readonly shown: string
  /** The schema and name of the table that refers, and of the one that is referred to. */
  readonly referring: readonly string[]
  readonly referred: readonly string[]
  readonly columns: readonly string[]
  readonly keys: readonly string[]
}

const FOREIGN_KEY_VIOLATION = '23503'

/** What happens to the rows that refer to a deleted one, and by which rule. */
const EFFECTS: Readonly<Record<string, readonly [what: string, rule: string]>> = {
  c: ['deleted too', 'ON DELETE CASCADE'],
  n: ['set to NULL', 'ON DELETE SET NULL'],
  d: ['set to their default', 'ON DELETE SET DEFAULT'],
}

/** Notes which rows of other tables are deleted or changed with those of the table: they are in no change set. */
export async function noteCascades(
  { session, events }: { readonly session: Session; readonly events: Events },
  target: Target,
  set: Classified,
): Promise<void> {
  if (set.counts.deleted === 0) return
  for (const reference of await referencesTo(session, target)) {
    const { action, shown } = reference
    const effect = EFFECTS[action]
    // Of the table itself they are in the set, or refused.
    if (!effect || reference.own) continue
    const rows = await countReferring(session, reference, target, set)
    if (rows === 0) continue
    const [what, rule] = effect
    const many = rows === undefined ? `the rows of ${shown} that refer to deleted ones` : rowsOf(rows, shown)
    events.noteOnce(`${many} will be ${what} (${rule}); an undo does not restore them`)
  }
}

/** The columns of the table of classified rows, and their values for a row `r` of the table that is deleted. */
export type DeletedRow = readonly (readonly [column: Fragment, value: Fragment])[]

/**
 * Adds the rows of the table itself that go with the deleted ones (ON DELETE CASCADE), and those that go with them.
 * @returns how many
 */
export async function addCascaded(
  session: Session,
  target: Target,
  set: Classified,
  row: DeletedRow,
): Promise<number> {
  const cascades = (await referencesTo(session, target)).filter(({ own, action }) => own && action === 'c')
  let all = 0
  let added: number
  do {
    added = 0
    for (const reference of cascades) {
      const text = statement('merge/add_cascaded', {
        ...referringTo(reference, target, set),
        classified: set.table,
        columns: list(row.map(([column]) => column)),
        values: list(row.map(([, value]) => value)),
      })
      added += await withoutLoops(session, () => session.run(text))
    }
    all += added
  } while (added > 0)
  return all
}

/**
 * Refuses deletions by which a foreign key would delete or change rows of the table that are to stay as they are.
 * @throws DasyError STILL_REFERENCED
 */
async function refuseEffects(
  session: Session,
  references: readonly Reference[],
  { target, set }: { target: Target; set: Classified },
): Promise<void> {
  const found: Blocking[] = []
  const rules: string[] = []
  for (const reference of references) {
    const { own, action, shown, constraint } = reference
    const [, rule] = EFFECTS[action] ?? []
    if (!own || rule === undefined) continue
    const rows = await countReferring(session, reference, target, set)
    if (rows === 0) continue
    found.push({ table: shown, constraint, count: rows ?? null })
    if (!rules.includes(rule)) rules.push(rule)
  }
  if (found.length === 0) return
  const what = `${found.map(shownBlocking).join(', ')}: ${rules.join(' and ')} would take or change what is to stay`
  throw new DasyError('STILL_REFERENCED', what, {
    hint: 'Keep the rows to which they refer, change what refers to them first, or delete both with "dasy purge".',
    details: { ...found[0], references: found },
  })
}

/**
 * Deletes rows, and says what refers to them if a foreign key forbids it.
 * @throws DasyError STILL_REFERENCED
 */
export async function deleting<Result>(
  session: Session,
  target: Target,
  set: Classified,
  work: () => Promise<Result>,
): Promise<Result> {
  const references = await referencesTo(session, target)
  if (references.length === 0) return await work()
  await refuseEffects(session, references, { target, set })
  try {
    return await session.savepoint(work)
  } catch (error) {
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error
    throw await stillReferenced(session, references, { target, set, cause: error as DasyError })
  }
}

/** How many rows forbid the deletion; null if that is not known. */
interface Blocking {
  readonly table: string
  readonly constraint: string
  readonly count: number | null
}

async function stillReferenced(
  session: Session,
  references: readonly Reference[],
  { target, set, cause }: { target: Target; set: Classified; cause: DasyError },
): Promise<DasyError> {
  const found: Blocking[] = []
  for (const reference of references) {
    const { action, shown, constraint } = reference
    if (action !== 'a' && action !== 'r') continue
    const rows = await countReferring(session, reference, target, set)
    if (rows !== 0) found.push({ table: shown, constraint, count: rows ?? null })
  }
  // If there are none, it is about rows that would be deleted with those of the table.
  const what = found.length > 0 ? found.map(shownBlocking).join(', ') : cause.message
  return new DasyError('STILL_REFERENCED', `${what}; nothing was deleted`, {
    hint: 'Delete those rows first, or keep the rows to which they refer.',
    details: { ...found[0], references: found },
    cause,
  })
}

function shownBlocking({ table, constraint, count: rows }: Blocking): string {
  const many = rows === null ? `rows of ${table}` : rowsOf(rows, table)
  return `${many} ${rows === 1 ? 'refers' : 'refer'} to rows that would be deleted (foreign key "${constraint}")`
}

function rowsOf(rows: number, table: string): string {
  return `${count(rows)} ${rows === 1 ? 'row' : 'rows'} of ${table}`
}

async function referencesTo(session: Session, { oid }: Target): Promise<Reference[]> {
  return await session.rows<Reference>(statement('merge/list_references'), [oid])
}

/** How many rows refer to deleted ones; undefined if this role may not read them. */
async function countReferring(
  session: Session,
  reference: Reference,
  target: Target,
  set: Classified,
): Promise<number | undefined> {
  const text = statement('merge/count_referring', referringTo(reference, target, set))
  const counting = () => withoutLoops(session, () => session.row<{ rows: number }>(text))
  return (await session.savepoint(counting).catch(() => undefined))?.rows
}

/** The table with the foreign key, and the condition that its row `r` refers to a deleted one, and is not deleted itself. */
function referringTo(
  { own, referring, referred, columns, keys }: Reference,
  target: Target,
  set: Classified,
): Record<string, Fragment> {
  const refers_to_deleted = part('merge/refers_to_deleted', {
    referred: ident(...referred),
    classified: set.table,
    same_row: sameRow(target, set),
    refers: list(
      keys.map((key, index) => sql`r.${ident(columns[index] as string)} = t.${ident(key)}`),
      ' AND ',
    ),
    stays: own ? part('merge/is_kept', { classified: set.table, same_row: deletedRow(set) }) : sql`true`,
  })
  return { referring: ident(...referring), refers_to_deleted }
}

/** A condition: the row `r` of the table is deleted by the row `c`. */
function deletedRow(set: Classified): Fragment {
  return set.hasLocations ? sql`c.place = r.ctid AND c.found_in = r.tableoid` : sql`c.place = r.ctid`
}
