import { useState } from 'preact/hooks'
import { download } from '../../api/request.js'
import { firstRejects, type Reject } from '../../api/runs.js'
import { LoadedView } from '../../components/loaded-view.js'
import { ProblemNote } from '../../components/problem-note.js'
import { count } from '../../format.js'
import { useAction, useLoaded } from '../../use-loaded.js'

/** How many more are shown at a time. */
const STEP = 50

/** The records that a run rejected: where they are, why, and what they say. */
export function RunRejects({ run }: { run: number }) {
  const [most, setMost] = useState(STEP)
  const path = `/v1/runs/${run}/rejects`
  const loaded = useLoaded((signal) => firstRejects(run, most, signal), [run, most])
  const csv = useAction(() => download(path, 'text/csv', `rejects-${run}.csv`))
  return (
    <section aria-labelledby="rejects">
      <h2 id="rejects" class="unseen">
        Rejects
      </h2>
      <ProblemNote problem={csv.problem} />
      <LoadedView of={loaded}>
        {({ items, hasMore }) =>
          items.length === 0 ? (
            <p class="empty">No record was rejected.</p>
          ) : (
            <>
              <div class="bar">
                <button type="button" disabled={csv.isAtWork} onClick={() => void csv.run()}>
                  Download CSV
                </button>
              </div>
              <RejectTable rejects={items} />
              {hasMore && (
                <button type="button" onClick={() => setMost(most + STEP)}>
                  Show more than {count(items.length)}
                </button>
              )}
            </>
          )
        }
      </LoadedView>
    </section>
  )
}

function RejectTable({ rejects }: { rejects: readonly Reject[] }) {
  const hasSources = rejects.some(({ source }) => source !== undefined)
  return (
    <div class="wide">
      <table class="list">
        <thead>
          <tr>
            {hasSources && <th scope="col">source</th>}
            <th scope="col" class="number">
              line
            </th>
            <th scope="col">reason</th>
            <th scope="col">record</th>
          </tr>
        </thead>
        <tbody>
          {rejects.map(({ source, line, byte, reason, record, complete }) => (
            <tr key={`${source} ${byte}`}>
              {hasSources && <td>{source}</td>}
              <td class="number">{count(line)}</td>
              <td>{reason}</td>
              <td>
                <code class="record">
                  {record}
                  {complete ? '' : ' …'}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
