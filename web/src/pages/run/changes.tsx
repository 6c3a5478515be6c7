import { useState } from 'preact/hooks'
import type { Operation } from '../../../../lib/contract/change.js'
import { download } from '../../api/request.js'
import { firstChanges } from '../../api/runs.js'
import { ChangeView } from '../../components/change-view.js'
import { LoadedView } from '../../components/loaded-view.js'
import { ProblemNote } from '../../components/problem-note.js'
import { count } from '../../format.js'
import { useAction, useLoaded } from '../../use-loaded.js'

/** How many more are shown at a time. */
const STEP = 50
const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete']

/** The change set of a run, as a diff. */
export function RunChanges({ run }: { run: number }) {
  const [op, setOp] = useState('')
  const [most, setMost] = useState(STEP)
  const path = `/v1/runs/${run}/changes`
  const query = op === '' ? '' : `?op=${op}`
  const loaded = useLoaded((signal) => firstChanges(run, { op }, most, signal), [run, op, most])
  const csv = useAction(() => download(path + query, 'text/csv', `changes-${run}.csv`))
  return (
    <section aria-labelledby="changes">
      <h2 id="changes" class="unseen">
        Changes
      </h2>
      <div class="bar">
        <label class="field">
          Operation
          <select
            value={op}
            onChange={(event) => {
              setOp(event.currentTarget.value)
              setMost(STEP)
            }}
          >
            <option value="">all</option>
            {OPERATIONS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="button" disabled={csv.isAtWork} onClick={() => void csv.run()}>
          Download CSV
        </button>
      </div>
      <ProblemNote problem={csv.problem} />
      <LoadedView of={loaded}>
        {({ items, hasMore }) => (
          <>
            {items.length === 0 && <p class="empty">No changes.</p>}
            {items.map((change, index) => (
              <ChangeView key={index} change={change} />
            ))}
            {hasMore && (
              <button type="button" onClick={() => setMost(most + STEP)}>
                Show more than {count(items.length)}
              </button>
            )}
          </>
        )}
      </LoadedView>
    </section>
  )
}
