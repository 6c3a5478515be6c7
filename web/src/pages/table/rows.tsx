import { type Filter, isNumeric, listRows, type Row, textOf } from '../../api/rows.js'
import type { Column } from '../../api/tables.js'
import { LoadedView } from '../../components/loaded-view.js'
import { goWith, hrefOf } from '../../place.js'
import { useLoaded } from '../../use-loaded.js'
import type { TablePartProps } from '../table.js'
import { FilterBar, filtersIn } from './filter-bar.js'
import { RowLine } from './row-line.js'

/** The rows of a table: filtered, sorted, a page at a time, edited in place. */
export function TableRows(props: TablePartProps) {
  const { table, place } = props
  const { query } = place
  const filters = filtersIn(query)
  const [sort, cursor] = [query.get('sort') ?? '', query.get('cursor') ?? '']
  const loaded = useLoaded(
    (signal) => listRows(table.table, { filters, sort, cursor }, signal),
    [table.table, query.toString()],
  )
  return (
    <>
      <FilterBar table={table} place={place} filters={filters} />
      <LoadedView of={loaded}>
        {(page) => (
          <>
            {page.rows.length === 0 ? (
              <Nothing filters={filters} table={table.table} />
            ) : (
              <RowTable {...props} rows={page.rows} sort={sort} onChanged={loaded.reload} />
            )}
            <nav class="pager" aria-label="Pages">
              {cursor !== '' && (
                <button type="button" onClick={() => goWith(place, { cursor: null })}>
                  First page
                </button>
              )}
              {page.cursor !== null && (
                <button type="button" onClick={() => goWith(place, { cursor: page.cursor })}>
                  Next page
                </button>
              )}
            </nav>
          </>
        )}
      </LoadedView>
    </>
  )
}

function Nothing({ filters, table }: { filters: readonly Filter[]; table: string }) {
  if (filters.length === 0) return <p class="empty">The table has no rows.</p>
  return (
    <p class="empty">
      No row is like that. <a href={hrefOf(['tables', table])}>All rows</a>
    </p>
  )
}

interface RowTableProps extends TablePartProps {
  readonly rows: readonly Row[]
  readonly sort: string
  readonly onChanged: () => void
}

function RowTable({ table, place, mayWrite, rows, sort, onChanged }: RowTableProps) {
  return (
    <div class="wide">
      <table class="list">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <SortedBy
                key={column.name}
                column={column}
                sort={sort}
                onSort={(next) => goWith(place, { sort: next, cursor: null })}
              />
            ))}
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <RowLine key={identityOf(row, table.key)} {...{ table, row, mayWrite, onChanged }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function identityOf(row: Row, key: readonly string[] | null): string {
  return (key ?? Object.keys(row)).map((column) => textOf(row[column])).join('\0')
}

const ARROWS = { ascending: '↑', descending: '↓', none: '' } as const

/** A column's heading, by which the rows can be sorted: up, down, then not. */
function SortedBy({
  column,
  sort,
  onSort,
}: {
  column: Column
  sort: string
  onSort: (sort: string) => void
}) {
  const { name } = column
  const order = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : 'none'
  const next = { none: name, ascending: `-${name}`, descending: '' }[order]
  return (
    <th scope="col" class={isNumeric(column) ? 'number' : undefined} aria-sort={order}>
      <button type="button" onClick={() => onSort(next)} title={column.type}>
        {name}
        <span class="arrow" aria-hidden="true">
          {ARROWS[order]}
        </span>
      </button>
    </th>
  )
}
