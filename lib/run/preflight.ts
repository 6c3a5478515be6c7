import { DatabaseEncodings } from '../catalog/encoding.js'
import { refuseForeignCode } from '../catalog/foreign-code.js'
import { requireKnown } from '../catalog/known.js'
import { missingSchema } from '../catalog/schema.js'
import { inspectTarget, requireTarget, type Target } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { ident } from '../db/sql.js'
import { refuseBadConstants } from '../judge/invalid-values.js'
import { refuseTooManyColumns } from '../mapping/limits.js'
import { ColumnMapper, type MappedColumns } from '../mapping/mapper.js'
import { wantedTypes } from '../mapping/types.js'
import { doubtsOf, withDoubts } from '../ranges/doubts.js'
import { type PreparedSource, prepareSource } from '../ranges/prepared-source.js'
import { stagedColumns } from '../ranges/source-plan.js'
import { requireCondition } from '../script/condition.js'
import type { LoadConnection } from './connection.js'
import type { Load, LoadTask } from './load.js'

/** What is known about a load from the headers of its sources and the catalog, before a byte is copied. */
export interface Preflight extends MappedColumns {
  readonly sources: readonly PreparedSource[]
  /** What the detection was not sure of. */
  readonly doubts: readonly string[]
  /** The table, if it exists. */
  readonly target: Target | undefined
  /** The schema of the table, if the load creates it. */
  readonly newSchema: string | undefined
}

/**
 * Finds what prevents a load before a byte is copied: a bad header, a missing table, a key that does not fit.
 * @throws DasyError
 */
export async function preflight(load: Load, connection: LoadConnection): Promise<Preflight> {
  const { session } = connection
  const { settings } = load.task
  await connection.prepareSchema()
  const existing = await inspectTarget(session, settings.table)
  const sources = await prepareSources(session, load, existing)
  const checked = await match(session, load.task, sources, existing).catch((error) => {
    throw withDoubts(error, doubtsOf(sources))
  })
  return checked
}

/** Detects how each source is written, in the first attempt only. */
async function prepareSources(
  session: Session,
  { task, prepared }: Load,
  existing: Target | undefined,
): Promise<PreparedSource[]> {
  const known = existing?.columns.map(({ name }) => name) ?? []
  const encodings = new DatabaseEncodings(session)
  const sources: PreparedSource[] = []
  for (const source of task.sources) {
    const ready = prepared?.[source.ordinal] ?? (await prepareSource(encodings, task.settings, source, known))
    // It is read later, and there may be many: release what it holds open.
    if (source.ordinal > 0) await ready.source.rest()
    sources.push(ready)
  }
  return sources
}

/** Matches the headers with each other and with the table. */
async function match(
  session: Session,
  { command, settings }: LoadTask,
  sources: readonly PreparedSource[],
  existing: Target | undefined,
): Promise<Preflight> {
  const mayMake = command === 'ingest'
  const [first] = sources as [PreparedSource, ...PreparedSource[]]
  const header = first.opening.columns
  const doubts = doubtsOf(sources)
  for (const source of sources) stagedColumns(source, first)

  const target = mayMake ? existing : await requireTarget(session, settings.table)
  const { onlyKnown } = settings.policy
  if (target && onlyKnown) await requireKnown(session, settings.table, target, onlyKnown)
  if (target && !settings.tuning.trustOwner) await refuseForeignCode(session, target)
  const { where } = settings.policy.sync ?? {}
  // SQL that runs before the merge may add the columns that the condition names, or create the table.
  const isAsItIs = settings.hooks.before.length === 0
  if (target && where !== undefined && isAsItIs)
    await requireCondition(session, '--sync-where', where, ident(target.schema, target.name))
  const mayExist = target !== undefined || !isAsItIs
  const newSchema = mayExist ? undefined : await missingSchema(session, settings.table)
  const file = first.source.name
  const untyped = new ColumnMapper({ header, settings, file, isDoubtful: doubts.length > 0 }, mayMake)
  const mapped = untyped.map(target)
  refuseTooManyColumns(header, mapped, { file, table: settings.table, target })
  const mapper = untyped.withTypes(await wantedTypes(session, mapped, settings, file))
  const mapping = mapper.map(target)
  await refuseBadConstants(session, mapping)
  return { sources, doubts, mapper, mapping, target, newSchema }
}

/** Notes how the sources are written, a schema that will be created, and sources that cannot be read again. */
export function report({ sources, newSchema }: Preflight, { task, environment }: Load): void {
  const { events } = environment
  if (newSchema !== undefined) events.note(`there is no schema "${newSchema}"; it is made with the table`)
  for (const { source, description, doubts } of sources) {
    events.note(`${source.name}: ${description}`)
    for (const text of doubts) events.emit({ type: 'doubt', source: source.name, text })
    if (source.repeatable || task.recorded?.[source.ordinal]) continue
    events.note(
      `${source.name} cannot be read a second time: a run that stops before all of it is staged must be started again`,
    )
  }
}
