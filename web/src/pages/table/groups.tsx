import { useState } from 'preact/hooks'
import { textOf } from '../../api/rows.js'
import { listGroups } from '../../api/tables.js'
import { BarChart } from '../../components/bar-chart.js'
import { LoadedView } from '../../components/loaded-view.js'
import { goWith, hrefOf } from '../../place.js'
import { useLoaded } from '../../use-loaded.js'
import type { TablePartProps } from '../table.js'

/** How many more groups are shown at a time. */
const STEP = 25
const MOST = 1000

/** The largest groups of an aggregate, as bars. */
export function TableGroups({ table, place }: TablePartProps) {
  const column = place.path[3] as string
  const search = place.query.get('search') ?? ''
  const [top, setTop] = useState(STEP)
  const loaded = useLoaded(
    (signal) => listGroups(table.table, column, { top, search }, signal),
    [table.table, column, top, search],
  )
  return (
    <section aria-label={`Groups by ${column}`}>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget).get('search')
          goWith(place, { search: String(given ?? '') })
        }}
      >
        <label class="field">
          Group contains
          <input type="search" name="search" key={search} defaultValue={search} />
        </label>
        <button type="submit">Search</button>
      </form>
      <LoadedView of={loaded}>
        {({ groups }) =>
          groups.length === 0 ? (
            <p class="empty">No groups.</p>
          ) : (
            <>
              <BarChart
                label={column}
                bars={groups.map(({ value, count }) => ({
                  name: value === null ? null : textOf(value),
                  count,
                  href: hrefOf(['tables', table.table], filterFor(column, value)),
                }))}
              />
              {groups.length === top && top < MOST && (
                <button type="button" onClick={() => setTop(Math.min(MOST, top + STEP))}>
                  Show more
                </button>
              )}
            </>
          )
        }
      </LoadedView>
    </section>
  )
}

function filterFor(column: string, value: unknown): Record<string, string> {
  return value === null
    ? { [`filter[${column}][null]`]: 'true' }
    : { [`filter[${column}][eq]`]: textOf(value) }
}
