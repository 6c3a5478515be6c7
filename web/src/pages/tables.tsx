import { listTables, type Table } from '../api/tables.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { count } from '../format.js'
import { hrefOf } from '../place.js'
import { useLoaded } from '../use-loaded.js'

/** The tables that dasy knows. */
export function TablesPage() {
  const loaded = useLoaded(listTables, [])
  return (
    <>
      <Head title="Tables" />
      <LoadedView of={loaded}>
        {(tables) =>
          tables.length === 0 ? (
            <p class="empty">
              No tables yet. <a href={hrefOf(['load'])}>Load a file</a> to make one.
            </p>
          ) : (
            <TableList tables={tables} />
          )
        }
      </LoadedView>
    </>
  )
}

function TableList({ tables }: { tables: readonly Table[] }) {
  return (
    <div class="wide">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">table</th>
            <th scope="col" class="number">
              rows, about
            </th>
            <th scope="col">key</th>
            <th scope="col" class="number">
              columns
            </th>
            <th scope="col">aggregates</th>
          </tr>
        </thead>
        <tbody>
          {tables.map(({ table, rows, key, columns, aggregates }) => (
            <tr key={table}>
              <th scope="row">
                <a href={hrefOf(['tables', table])}>{table}</a>
              </th>
              <td class="number">{rows === null ? '' : count(rows)}</td>
              <td>{key?.join(', ') ?? 'none'}</td>
              <td class="number">{columns.length}</td>
              <td>
                {aggregates.map(({ name, column }) => (
                  <a key={name} class="spaced" href={hrefOf(['tables', table, 'aggregates', column])}>
                    by {column}
                  </a>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
