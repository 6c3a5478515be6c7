import type { Seconds } from '../../../../lib/contract/receipt.js'
import { firstChanges, type Run } from '../../api/runs.js'
import { ChangeView } from '../../components/change-view.js'
import { ConflictList } from '../../components/conflict-list.js'
import { LoadedView } from '../../components/loaded-view.js'
import { ReceiptFlow } from '../../components/receipt-flow.js'
import { count } from '../../format.js'
import { hrefOf } from '../../place.js'
import { useLoaded } from '../../use-loaded.js'

/** What a run did, would do, or why it stopped. */
export function RunReceipt({ run }: { run: Run }) {
  const { status, rows, aggregates, seconds, doubts, error, source } = run
  return (
    <>
      {error && (
        <div class="note is-bad">
          <p>
            <strong>Nothing was applied</strong> <code>{error.code}</code>
          </p>
          <p class="lines">{error.message}</p>
          {error.hint && <p class="lines">{error.hint}</p>}
        </div>
      )}
      {run.conflicts && <ConflictList conflicts={run.conflicts} />}
      {status === 'planned' && (
        <p class="note">
          A plan: the table is untouched. This is what <strong>Apply</strong> would do, exactly or not at all.
        </p>
      )}
      {rows && (
        <section aria-labelledby="records">
          <h2 id="records">{titleOf(run)}</h2>
          <ReceiptFlow rows={rows} isOfRecords={source !== null} />
        </section>
      )}
      {doubts.length > 0 && (
        <section aria-labelledby="doubts">
          <h2 id="doubts">Doubts</h2>
          <ul>
            {doubts.map((doubt) => (
              <li key={doubt}>{doubt}</li>
            ))}
          </ul>
        </section>
      )}
      {status === 'planned' && <Sample run={run.run} />}
      {aggregates && aggregates.length > 0 && (
        <section aria-labelledby="aggregates">
          <h2 id="aggregates">Aggregates</h2>
          <dl class="facts">
            {aggregates.map(({ table, groups }) => (
              <div key={table}>
                <dt>{table}</dt>
                <dd>{count(groups)} groups</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {seconds && <Times seconds={seconds} />}
    </>
  )
}

function titleOf({ status, source }: Run): string {
  return `Where each ${source === null ? 'change' : 'record'} ${status === 'planned' ? 'would go' : 'went'}`
}

/** How many changes of each kind are shown of a plan. */
const SAMPLE = 5
const OPERATIONS = ['update', 'insert', 'delete'] as const

/** The first changes of each kind of a plan, as a diff to read before it is applied. */
function Sample({ run }: { run: number }) {
  const loaded = useLoaded((signal) => sampleOf(run, signal), [run])
  return (
    <section aria-labelledby="sample">
      <h2 id="sample">What would change</h2>
      <LoadedView of={loaded}>
        {({ items, hasMore }) => (
          <>
            {items.length === 0 && <p class="empty">Nothing would change.</p>}
            {items.map((change) => (
              <ChangeView key={JSON.stringify(change.key)} change={change} />
            ))}
            {hasMore && <a href={hrefOf(['runs', run, 'changes'])}>All changes</a>}
          </>
        )}
      </LoadedView>
    </section>
  )
}

async function sampleOf(run: number, signal: AbortSignal) {
  const kinds = await Promise.all(OPERATIONS.map((op) => firstChanges(run, { op }, SAMPLE, signal)))
  return { items: kinds.flatMap(({ items }) => items), hasMore: kinds.some(({ hasMore }) => hasMore) }
}

const PHASES = ['start', 'plan', 'copy', 'merge', 'aggregate'] as const

function Times({ seconds }: { seconds: Seconds }) {
  return (
    <section aria-labelledby="times">
      <h2 id="times">Times</h2>
      <p class="figures">
        {seconds.total.toFixed(2)} s:{' '}
        {PHASES.map((phase) => `${phase} ${(seconds[phase] ?? 0).toFixed(2)} s`).join(' · ')}
      </p>
    </section>
  )
}
