import { Tuning } from '../db/tuning.js'
import { historyDays } from '../history/age.js'
import type { RunContext } from '../judge/context.js'
import { keysToScan } from '../judge/key-bytes.js'
import { Locator } from '../ledger/locator.js'
import type { RunLedger } from '../ledger/run-ledger.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { ScannedKeys } from '../ranges/scanned-keys.js'
import { sourcePlan } from '../ranges/source-plan.js'
import type { LoadConnection } from './connection.js'
import type { Load } from './load.js'
import type { Preflight } from './preflight.js'
import { SecondSession } from './second-session.js'

/** What staging, judging and publishing work with: made once for each attempt. */
export interface AttemptContext extends RunContext {
  readonly second: SecondSession
  /** What the workers need to know. */
  readonly plan: LoadPlan
}

export function attemptContext(
  load: Load,
  { session, database, pool }: LoadConnection,
  { sources, mapping }: Preflight,
  ledger: RunLedger,
): AttemptContext {
  const { settings, mode } = load.task
  const { run, attempt } = ledger
  const [first] = sources as [PreparedSource, ...PreparedSource[]]
  const plans = sources.map((source) => sourcePlan(source, first))
  const plan = { run, attempt, sources: plans, retryMs: settings.tuning.retryMs }
  const opened = sources.map(({ source }) => source)
  return {
    run,
    settings,
    sources,
    plan,
    session,
    second: new SecondSession(
      database,
      run,
      pool,
      (mode === 'apply' ? settings.tuning.workers : pool.size) === 1,
    ),
    known: { keys: keysToScan(sources, mapping.key, ScannedKeys), direct: undefined },
    ledger,
    locator: new Locator(session, plan, opened),
    tuning: new Tuning(settings.tuning),
    events: load.environment.events,
    keepsHistory: settings.policy.history && historyDays(settings.tuning.historyDays) > 0,
  }
}
