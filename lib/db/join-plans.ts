import type { Session } from './session.js'
import { fromCatalog, ident, sql, statement } from './sql.js'

/**
 * How the statements of the merge are planned. Estimates may be wrong by any factor (a table that was analyzed while it
 * was empty, records that have no statistics at all), so no plan may depend on them for more than a constant factor: what
 * is joined as a whole is joined without nested loops, and what is looked up row by row is looked up by an index that
 * finds one row at most.
 */

/** A node of a plan, as EXPLAIN tells it. */
interface PlanNode {
  readonly 'Node Type': string
  readonly Alias?: string
  readonly Schema?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

/** How rows of the table, which is `t` in every statement, are found one by one: where they are, or by their key. */
export type LookUp = { readonly by: 'place' } | { readonly by: 'key'; readonly columns: readonly string[] }

/** Runs statements that join wholes. They must fire no triggers: what those do would be planned so, too. */
export async function withoutLoops<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  await session.run(statement('merge/plan_joins'))
  const result = await work()
  await session.run(statement('merge/plan_as_ever'))
  return result
}

/** Runs an INSERT, UPDATE or DELETE without nested loops. @returns how many rows it touched */
export async function runJoining(session: Session, text: string): Promise<number> {
  return runPlanned(session, await prepare(session, text, 'merge/plan_joins'))
}

/**
 * Runs an UPDATE or DELETE that looks up a row of the table for each record; where that cannot be had, without nested
 * loops.
 */
export async function runLookingUp(session: Session, text: string, lookUp: LookUp): Promise<number> {
  const prepared = await prepare(session, text, 'merge/plan_look_ups')
  if (await looksUp(session, prepared.plans, lookUp)) return runPlanned(session, prepared)
  await forget(session, prepared)
  return runJoining(session, text)
}

/**
 * Among statements that join wholes: sees to it that those which follow look up rows by an index.
 * @param text one of them
 * @returns false if the planner does not; then all is as it was
 */
export async function preferLookUps(session: Session, text: string, lookUp: LookUp): Promise<boolean> {
  await session.run(statement('merge/plan_index_scans'))
  if (await looksUp(session, await explain(session, text), lookUp)) return true
  await session.run(statement('merge/plan_as_ever'))
  await session.run(statement('merge/plan_joins'))
  return false
}

async function looksUp(session: Session, plans: readonly PlanNode[], lookUp: LookUp): Promise<boolean> {
  const scans = plans.flatMap(nodes).filter((node) => / Scan$/.test(node['Node Type']) && isTarget(node))
  if (lookUp.by === 'place') return scans.every((node) => node['Node Type'] === 'Tid Scan')
  if (!scans.every((node) => /^Index (Only )?Scan$/.test(node['Node Type']))) return false
  const row = await session.row<{ are: boolean }>(statement('merge/are_keys'), [
    scans.map((node) => node.Schema),
    scans.map((node) => node['Index Name']),
    lookUp.columns,
  ])
  return row?.are ?? false
}

/** PostgreSQL numbers the parts of a table: t_1, t_2 and so on. */
function isTarget({ Alias }: PlanNode): boolean {
  return /^t(_\d+)?$/.test(Alias ?? '')
}

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)]
}

interface Prepared {
  readonly name: string
  readonly plans: readonly PlanNode[]
}

let prepared = 0

/**
 * Plans a statement under settings that are gone when it runs, so that the triggers it fires are planned as ever. (A
 * statement without parameters keeps the plan it once got, for which EXPLAIN is enough.)
 */
async function prepare(session: Session, text: string, settings: string): Promise<Prepared> {
  prepared += 1
  const name = `dasy_${prepared}`
  await session.run(statement(settings))
  await session.run(sql`PREPARE ${ident(name)} AS ${fromCatalog(text)}`.sql)
  const plans = await explain(session, sql`EXECUTE ${ident(name)}`.sql)
  await session.run(statement('merge/plan_as_ever'))
  return { name, plans }
}

async function runPlanned(session: Session, planned: Prepared): Promise<number> {
  const touched = await session.run(sql`EXECUTE ${ident(planned.name)}`.sql)
  await forget(session, planned)
  return touched
}

async function forget(session: Session, { name }: Prepared): Promise<void> {
  await session.run(sql`DEALLOCATE ${ident(name)}`.sql)
}

async function explain(session: Session, text: string): Promise<PlanNode[]> {
  const row = await session.row<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    `EXPLAIN (VERBOSE, FORMAT JSON) ${text}`,
  )
  return (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => Plan ?? [])
}
