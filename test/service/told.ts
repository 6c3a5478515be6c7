import type { Test } from 'tap'
import { changesOf } from '../support/change-set.js'
import type { TestDatabase } from '../support/database.js'
import type { Receiver } from './receiver.js'
import type { Served } from './served.js'

export interface Made {
  readonly id: number
  readonly secret: string
}

export async function hook(
  served: Served,
  receiver: Receiver,
  events: string[],
  tables?: string[],
): Promise<Made> {
  const json = { url: receiver.url, events, ...(tables && { tables }) }
  const made = await served.json<Made>('POST', '/v1/webhooks', { json, status: 201 })
  receiver.secrets.push(made.secret)
  return made
}

export function lines(from: number, to: number, name: string): string {
  const all = Array.from({ length: to - from }, (_, n) => `s${from + n},${name} ${n},${'d'.repeat(20)}`)
  return `sku,name,description\n${all.join('\n')}\n`
}

/** Pauses between tries are over at once. */
export function hurry(t: Test, db: TestDatabase): void {
  const timer = setInterval(() => {
    db.run(`UPDATE dasy.outbox SET next_try = now() WHERE attempts > 0 AND sent_at IS NULL`).catch(() => {})
  }, 200)
  t.teardown(() => clearInterval(timer))
}

/** That the changes of these runs were told exactly as their sets have them, in the order of the runs. */
export async function toldExactly(
  t: Test,
  served: Served,
  receiver: Receiver,
  runs: readonly number[],
): Promise<void> {
  const told = receiver.taken.filter(({ type }) => type === 'rows.changed')
  t.same([...new Set(told.map(({ data }) => data.run))], runs, 'the runs in their order')
  for (const run of runs) {
    const batches = told.filter(({ data }) => data.run === run).map(({ data }) => data)
    t.same(
      batches.map(({ batch }) => batch),
      batches.map((_, index) => index + 1),
      `run ${run}: the batches in their order`,
    )
    t.ok(batches.every(({ batches: all, changes }) => all === batches.length && changes.length <= 1000))
    t.same(
      batches.flatMap(({ changes }) => changes),
      await changesOf(served.db, run),
      `run ${run}: each change`,
    )
  }
  t.ok(told.every(({ bytes }) => bytes <= 256 * 1024))
}
