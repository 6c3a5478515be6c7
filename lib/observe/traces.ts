import { type Context, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { ownVersion } from '../base/package.js'
import { addObserver, type DasyEvent, type RunFacts, type RunNews } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import { loggable } from './run-log.js'

/** How long the user's SDK may take to send the last spans. */
const FLUSH_MS = 5000

/**
 * A span for each run and each of its phases, by the OpenTelemetry SDK that the user has registered.
 * @returns sends what the SDK still has
 */
export function traceRuns(): () => Promise<void> {
  const tracer = trace.getTracer('dasy', ownVersion())
  addObserver({ follow: () => new RunTrace(tracer).onEvent })
  return async () => {
    const flushed = flush()
    await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref())])
  }
}

class RunTrace {
  readonly #tracer: Tracer
  readonly #began = Date.now()
  #run: Span | undefined
  #inRun: Context = context.active()
  #phase: { readonly name: string; readonly since: number } = { name: 'plan', since: this.#began }

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  readonly onEvent = (event: DasyEvent | RunNews): void => {
    if (event.type === 'run') this.#begin(event)
    else if (event.type === 'phase' && event.phase !== this.#phase.name) this.#endPhase(event.phase)
    else if (event.type === 'receipt') this.#succeed(event.receipt)
    else if (event.type === 'failed') this.#fail(loggable(event.error).code)
  }

  /** What was done before the run had its number belongs to it too. */
  #begin({ run, command, table, source }: RunFacts): void {
    // After a lost connection it goes on.
    if (this.#run) return
    const attributes = {
      'dasy.run': run,
      'dasy.command': command,
      'dasy.table': table,
      'dasy.source': source === null ? [] : [source].flat(),
    }
    this.#run = this.#tracer.startSpan(`dasy ${command}`, { startTime: this.#began, attributes })
    this.#inRun = trace.setSpan(context.active(), this.#run)
  }

  #endPhase(next: string): void {
    const { name, since } = this.#phase
    const now = Date.now()
    if (this.#run)
      this.#tracer
        .startSpan(`dasy ${name}`, { startTime: since, attributes: { 'dasy.phase': name } }, this.#inRun)
        .end(now)
    this.#phase = { name: next, since: now }
  }

  #succeed({ status, rows, bytes }: Receipt): void {
    this.#run?.setAttributes({ 'dasy.status': status, ...(bytes !== null && { 'dasy.bytes': bytes }) })
    for (const [name, count] of Object.entries(rows)) this.#run?.setAttribute(`dasy.rows.${name}`, count)
    this.#end()
  }

  #fail(code: string): void {
    this.#run?.setAttribute('error.type', code)
    this.#run?.setStatus({ code: SpanStatusCode.ERROR, message: code })
    this.#end()
  }

  #end(): void {
    this.#endPhase('')
    this.#run?.end()
    this.#run = undefined
  }
}

async function flush(): Promise<void> {
  const provider = trace.getTracerProvider() as { getDelegate?: () => unknown }
  const registered = (provider.getDelegate?.() ?? provider) as { forceFlush?: () => Promise<void> }
  await registered.forceFlush?.().catch(() => {})
}
