import type { Test } from 'tap'
import type { TestDatabase } from './database.js'
import { FaultyNetwork } from './proxy.js'

/** The plans of the statements that a load really runs, as the server itself tells them to the client (auto_explain). */

export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly 'TID Cond'?: string
  readonly Alias?: string
  readonly Plans?: readonly PlanNode[]
}

export interface ToldPlan {
  readonly 'Query Text': string
  readonly Plan: PlanNode
}

export class PlanListener {
  /** Of the database, through here. */
  readonly url: string
  readonly #received = new Map<number, Buffer[]>()

  private constructor(t: Test, db: TestDatabase, network: FaultyNetwork) {
    const url = new URL(db.url)
    url.hostname = '127.0.0.1'
    url.port = `${network.port}`
    this.url = url.href
    t.teardown(() => network.close())
    network.expect({
      fault: 'cut',
      when: ({ direction, chunk, connection }) => {
        if (direction === 'down')
          this.#received.set(connection, [...(this.#received.get(connection) ?? []), chunk])
        return false
      },
    })
  }

  static async start(t: Test, db: TestDatabase): Promise<PlanListener> {
    await db.run(`
      ALTER DATABASE ${db.name} SET session_preload_libraries = 'auto_explain';
      ALTER DATABASE ${db.name} SET auto_explain.log_min_duration = 0;
      ALTER DATABASE ${db.name} SET auto_explain.log_format = 'json';
      ALTER DATABASE ${db.name} SET auto_explain.log_level = 'notice';
      ALTER DATABASE ${db.name} SET auto_explain.log_nested_statements = on`)
    const { hostname, port } = new URL(db.url)
    return new PlanListener(t, db, await FaultyNetwork.start({ host: hostname, port: Number(port) }))
  }

  /** What was told since it was last asked for. */
  take(): ToldPlan[] {
    const plans = [...this.#received.values()].flatMap((chunks) => plansIn(Buffer.concat(chunks)))
    this.#received.clear()
    return plans
  }
}

/** From the messages of PostgreSQL's protocol: a letter, the length of what follows (itself included), and that. */
function plansIn(bytes: Buffer): ToldPlan[] {
  const plans: ToldPlan[] = []
  for (let at = 0; at < bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] !== 'N'.charCodeAt(0)) continue
    const fields = bytes.toString('utf8', at + 5, at + 1 + bytes.readUInt32BE(at + 1)).split('\0')
    const message = fields.find((field) => field.startsWith('M'))?.slice(1) ?? ''
    const [, plan] = /^duration: .*? plan:\n(.*)$/s.exec(message) ?? []
    if (plan) plans.push(JSON.parse(plan))
  }
  return plans
}

export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

/** Nested loops that go through something anew for every row, where an index would find the one that is wanted. */
export function quadraticLoops(plan: PlanNode): PlanNode[] {
  return nodesOf(plan).filter(
    (node) => node['Node Type'] === 'Nested Loop' && !nodesOf(node.Plans?.[1] as PlanNode).some(isLookUp),
  )
}

function isLookUp(node: PlanNode): boolean {
  return node['Index Cond'] !== undefined || node['TID Cond'] !== undefined
}

/** Nodes that read a table as a whole. */
export function wholeScans(plan: PlanNode, table: string): PlanNode[] {
  return nodesOf(plan).filter(
    (node) => node['Relation Name'] === table && / Scan$/.test(node['Node Type']) && !isLookUp(node),
  )
}
