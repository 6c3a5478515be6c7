import { channel } from 'node:diagnostics_channel'

/** A statement as it was sent, without the values of its parameters. */
export interface TracedStatement {
  readonly text: string
  readonly milliseconds: number
  /** Whether the server took it. */
  readonly ok: boolean
}

/** Where every statement is published, if somebody listens; a worker's thread passes its own on. */
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

/** Publishes how long a statement takes. */
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
