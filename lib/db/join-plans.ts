import type { Session } from './session.js'
import { fromCatalog, ident, query, statement } from './sql.js'

/**
 * Plans of the merge's statements. The planner's estimates may be wrong by any factor (for a table that was analyzed while
 * it was empty, and for staged records, which have no statistics). So that a wrong estimate costs a constant factor at most,
 * there are only two forms: a join of whole tables without nested loops, and a look-up of single rows by an index that finds
 * at most one row.
 */

/** A node of a plan, as EXPLAIN (FORMAT JSON) shows it. */
interface PlanNode {
  readonly 'Node Type': string
  readonly Alias?: string
  readonly Schema?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

/** How single rows of the table (`t` in every statement) are found: by their place (ctid) or by their key. */
export type LookUp = { readonly by: 'place' } | { readonly by: 'key'; readonly columns: readonly string[] }

/** Runs statements that join whole tables. They must fire no triggers, because the settings apply to triggers too. */
export async function withoutLoops<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  return await planning(session, 'db/plan_joins', work)
}

/** Runs statements that look up a row of the table by its place for each record. They must fire no triggers. */
export async function withLookUps<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  return await planning(session, 'db/plan_look_ups', work)
}

async function planning<Result>(
  session: Session,
  settings: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const [, result] = await session.together(() => [session.run(statement(settings)), work()])
  await session.run(statement('db/plan_by_default'))
  return result
}

/** Runs an INSERT, UPDATE or DELETE without nested loops. @returns the number of rows that it changed */
export async function runJoining(session: Session, text: string): Promise<number> {
  return runPlanned(session, await prepare(session, text, 'db/plan_joins'))
}

/**
 * Runs an UPDATE or DELETE that looks up a row of the table for each record. If the planner does not choose such a plan, the
 * statement runs without nested loops.
 */
export async function runLookingUp(session: Session, text: string, lookUp: LookUp): Promise<number> {
  const prepared = await prepare(session, text, 'db/plan_look_ups')
  if (await looksUp(session, prepared.plans, lookUp)) return runPlanned(session, prepared)
  return runJoining(session, text)
}

/**
 * Within `withoutLoops`: makes the following statements look up rows by an index.
 * @param text one of these statements
 * @returns false if the planner does not choose such a plan; the settings are then unchanged
 */
export async function preferLookUps(session: Session, text: string, lookUp: LookUp): Promise<boolean> {
  const [, plans] = await session.together(() => [
    session.run(query`SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off`),
    explain(session, text),
  ])
  if (await looksUp(session, plans, lookUp)) return true
  await session.run(statement('db/plan_by_default'))
  await session.run(statement('db/plan_joins'))
  return false
}

async function looksUp(session: Session, plans: readonly PlanNode[], lookUp: LookUp): Promise<boolean> {
  const scans = plans.flatMap(nodes).filter((node) => / Scan$/.test(node['Node Type']) && isTarget(node))
  if (lookUp.by === 'place') return scans.every((node) => node['Node Type'] === 'Tid Scan')
  if (!scans.every((node) => /^Index (Only )?Scan$/.test(node['Node Type']))) return false
  const row = await session.row<{ are: boolean }>(statement('db/are_keys'), [
    scans.map((node) => node.Schema),
    scans.map((node) => node['Index Name']),
    lookUp.columns,
  ])
  return row?.are ?? false
}

/** PostgreSQL numbers the partitions of a table: t_1, t_2 and so on. */
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

/**
 * Plans a statement with settings that are reset before it runs, so that they do not apply to the triggers that it fires. (A
 * prepared statement without parameters keeps its first plan, and EXPLAIN is enough to make that.)
 */
async function prepare(session: Session, text: string, settings: string): Promise<Prepared> {
  const name = session.newStatementName()
  const results = await session.results(
    [
      statement(settings),
      query`PREPARE ${ident(name)} AS ${fromCatalog(text)}`,
      explaining(query`EXECUTE ${ident(name)}`),
      statement('db/plan_by_default'),
    ].join(';\n'),
  )
  return { name, plans: plansIn(results.flat()) }
}

/** The statement stays prepared, because a trigger may have deallocated it, which would make DEALLOCATE fail. */
function runPlanned(session: Session, { name }: Prepared): Promise<number> {
  return session.run(query`EXECUTE ${ident(name)}`)
}

async function explain(session: Session, text: string): Promise<PlanNode[]> {
  return plansIn(await session.rows<Record<string, unknown>>(explaining(text)))
}

function explaining(text: string): string {
  return query`EXPLAIN (VERBOSE, FORMAT JSON) ${fromCatalog(text)}`
}

function plansIn(rows: readonly Record<string, unknown>[]): PlanNode[] {
  const found = rows.flatMap((row) => (row['QUERY PLAN'] ?? []) as readonly { readonly Plan?: PlanNode }[])
  return found.flatMap(({ Plan }) => Plan ?? [])
}
