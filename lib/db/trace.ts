import { channel } from 'node:diagnostics_channel'

/** A statement that was run, without the values of its parameters. */
export interface TracedStatement {
  readonly text: string
  readonly milliseconds: number
  /** Whether it succeeded. */
  readonly ok: boolean
}

/** The channel on which every statement is published. Worker threads forward theirs to the main thread. */
const statements = channel('dasy:statement')

export function isTraced(): boolean {
  return statements.hasSubscribers
}

export function onStatement(listener: (statement: TracedStatement) => void): void {
  statements.subscribe((message) => listener(message as TracedStatement))
}

export function publishStatement(statement: TracedStatement): void {
  statements.publish(statement)
}

/** Runs a statement, and publishes its duration if the channel has subscribers. */
export async function traced<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
  if (!isTraced()) return await work()
  const began = performance.now()
  let ok = false
  try {
    const result = await work()
    ok = true
    return result
  } finally {
    publishStatement({ text, milliseconds: performance.now() - began, ok })
  }
}
