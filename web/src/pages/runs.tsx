import { listRuns, type Run } from '../api/runs.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { RunTimeline } from '../components/run-timeline.js'
import { STATUSES, Status } from '../components/status.js'
import { knownCount, sourceNames, time } from '../format.js'
import { go, goWith, hrefOf, type Place } from '../place.js'
import { useLoaded } from '../use-loaded.js'

/** How many runs a page of the list has. */
const MOST = 50

/** All runs, the newest first. */
export function RunsPage({ place }: { place: Place }) {
  const { query } = place
  const [status = '', table = '', cursor = ''] = ['status', 'table', 'cursor'].map(
    (name) => query.get(name) ?? '',
  )
  const loaded = useLoaded(
    (signal) => listRuns({ status, table, cursor, limit: MOST }, signal),
    [status, table, cursor],
  )
  return (
    <>
      <Head title="Runs">
        <button type="button" onClick={loaded.reload}>
          Refresh
        </button>
      </Head>
      <Filters place={place} status={status} table={table} />
      <LoadedView of={loaded}>
        {({ runs, cursor: next }) => (
          <>
            <RunTimeline runs={runs} />
            {runs.length === 0 ? <Nothing isFiltered={query.size > 0} /> : <RunTable runs={runs} />}
            <nav class="pager" aria-label="Pages">
              {cursor && <a href={hrefOf(['runs'], { status, table })}>Newest</a>}
              {next !== null && <a href={hrefOf(['runs'], { status, table, cursor: next })}>Older</a>}
            </nav>
          </>
        )}
      </LoadedView>
    </>
  )
}

function Filters({ place, status, table }: { place: Place; status: string; table: string }) {
  return (
    <form
      class="bar"
      onSubmit={(event) => {
        event.preventDefault()
        const name = new FormData(event.currentTarget).get('table')
        goWith(place, { table: String(name ?? '').trim(), cursor: null })
      }}
    >
      <label class="field">
        Status
        <select
          value={status}
          onChange={(event) => goWith(place, { status: event.currentTarget.value, cursor: null })}
        >
          <option value="">all</option>
          {STATUSES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label class="field">
        Table
        <input name="table" type="search" key={table} defaultValue={table} />
      </label>
      <button type="submit">Filter</button>
    </form>
  )
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <p class="empty">
        No run is like that. <a href={hrefOf(['runs'])}>All runs</a>
      </p>
    )
  return (
    <p class="empty">
      No runs yet. <a href={hrefOf(['load'])}>Load a file</a>, or run <code>dasy ingest products.csv</code>.
    </p>
  )
}

function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <div class="wide">
      <table class="list">
        <thead>
          <tr>
            <th scope="col" class="number">
              run
            </th>
            <th scope="col">started</th>
            <th scope="col">status</th>
            <th scope="col">command</th>
            <th scope="col">table</th>
            <th scope="col" class="number">
              read
            </th>
            <th scope="col" class="number">
              rejected
            </th>
            <th scope="col" class="number">
              seconds
            </th>
            <th scope="col">source</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run} onClick={(event) => openUnlessSelecting(event, run.run)}>
              <td class="number">
                <a href={hrefOf(['runs', run.run])}>{run.run}</a>
              </td>
              <td class="nowrap">{run.startedAt && time(run.startedAt)}</td>
              <td class="nowrap">
                <Status of={run.status} />
              </td>
              <td>{run.command}</td>
              <td>{run.table}</td>
              <td class="number">{knownCount(run.rows?.read)}</td>
              <td class="number">{knownCount(run.rows?.rejected)}</td>
              <td class="number">{run.seconds?.total.toFixed(2)}</td>
              <td class="source">{sourceNames(run.source)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** For the mouse: the whole line leads to the run. The keyboard has the link in it. */
function openUnlessSelecting({ target }: MouseEvent, run: number): void {
  if ((target as Element).closest('a') === null && getSelection()?.isCollapsed !== false)
    go(hrefOf(['runs', run]))
}
