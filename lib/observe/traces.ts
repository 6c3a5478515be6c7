import { type Attributes, context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { ownVersion } from '../base/package.js'
import { addObserver, type DasyEvent, type RunFacts, type RunNews } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import { PhaseTimes } from './phase-times.js'
import { loggable } from './run-log.js'

/** How long the user's SDK may take to send the last spans. */
const FLUSH_MS = 5000

/**
 * A span for each run and each of its phases, by the OpenTelemetry SDK that the user has registered.
 * @returns has the SDK send what it still has
 */
export function traceRuns(): () => Promise<void> {
  const tracer = trace.getTracer('dasy', ownVersion())
  addObserver({ follow: () => followRun(tracer) })
  return async () => {
    const flushed = flush()
    await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref())])
  }
}

function followRun(tracer: Tracer): (event: DasyEvent | RunNews) => void {
  const times = new PhaseTimes()
  const parent = context.active()
  let facts: RunFacts | undefined
  /** Spans are made at the end: what was done before the run had its number belongs to it too. */
  const end = (attributes: Attributes, error?: string): void => {
    const phases = times.end()
    if (!facts) return
    const startTime = Math.min(...phases.map(({ began }) => began))
    const all = { ...attributesOf(facts), ...attributes }
    const run = tracer.startSpan(`dasy ${facts.command}`, { startTime, attributes: all }, parent)
    if (error !== undefined) run.setStatus({ code: SpanStatusCode.ERROR, message: error })
    const within = trace.setSpan(parent, run)
    for (const { phase, began, ended } of phases)
      tracer
        .startSpan(`dasy ${phase}`, { startTime: began, attributes: { 'dasy.phase': phase } }, within)
        .end(ended)
    run.end(Math.max(...phases.map(({ ended }) => ended)))
    facts = undefined
  }
  return (event) => {
    if (event.type === 'run') facts = event
    else if (event.type === 'phase' && event.phase !== times.phase) times.enter(event.phase)
    else if (event.type === 'receipt') end(resultOf(event.receipt))
    else if (event.type === 'failed') {
      const { code } = loggable(event.error)
      end({ 'error.type': code }, code)
    }
  }
}

function attributesOf({ run, command, table, source }: RunFacts): Attributes {
  const sources = source === null ? [] : [source].flat()
  return { 'dasy.run': run, 'dasy.command': command, 'dasy.table': table, 'dasy.sources': sources }
}

function resultOf({ status, bytes, rows }: Receipt): Attributes {
  const counts = Object.entries(rows).map(([name, count]) => [`dasy.rows.${name}`, count])
  return {
    'dasy.status': status,
    ...(bytes !== null && { 'dasy.bytes': bytes }),
    ...Object.fromEntries(counts),
  }
}

async function flush(): Promise<void> {
  const provider = trace.getTracerProvider() as { getDelegate?: () => unknown }
  const registered = (provider.getDelegate?.() ?? provider) as { forceFlush?: () => Promise<void> }
  await registered.forceFlush?.().catch(() => {})
}
