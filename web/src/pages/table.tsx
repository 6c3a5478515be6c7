import type { VNode } from 'preact'
import { type Account, may } from '../api/session.js'
import { listTables, type Table } from '../api/tables.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { Tabs } from '../components/tabs.js'
import { hrefOf, type Place } from '../place.js'
import { useLoaded } from '../use-loaded.js'
import { TableGroups } from './table/groups.js'
import { NewRow } from './table/new-row.js'
import { OneRow } from './table/one-row.js'
import { TableRows } from './table/rows.js'

/** What the parts of a table's page need. */
export interface TablePartProps {
  readonly table: Table
  readonly place: Place
  readonly mayWrite: boolean
}

/** One table: its rows, one of them, or the groups of an aggregate. */
export function TablePage({ place, account }: { place: Place; account: Account }) {
  const name = place.path[1] as string
  const loaded = useLoaded(listTables, [name])
  return (
    <LoadedView of={loaded} title={name}>
      {(tables) => {
        const table = tables.find((each) => each.table === name)
        if (!table) return <Unknown name={name} />
        return <Known table={table} place={place} mayWrite={may(account, 'write') && table.key !== null} />
      }}
    </LoadedView>
  )
}

function Unknown({ name }: { name: string }) {
  return (
    <>
      <Head title={name} />
      <p class="empty">
        dasy has no table {name}. <a href={hrefOf(['tables'])}>Tables</a> are known once dasy has loaded them.
      </p>
    </>
  )
}

function Known(props: TablePartProps) {
  const { table, place, mayWrite } = props
  const [, name, part = ''] = place.path
  const tabs = [
    { name: 'Rows', href: hrefOf(['tables', table.table]), isHere: part === '' },
    ...table.aggregates.map(({ column }) => ({
      name: `By ${column}`,
      href: hrefOf(['tables', table.table, 'aggregates', column]),
      isHere: part === 'aggregates' && place.path[3] === column,
    })),
    { name: 'Runs', href: hrefOf(['runs'], { table: table.table }), isHere: false },
  ]
  return (
    <>
      <Head title={name as string}>
        {mayWrite && (
          <a class="button" href={hrefOf(['tables', table.table, 'new'])}>
            New row
          </a>
        )}
      </Head>
      <Tabs label="Parts of the table" tabs={tabs} />
      {partOf(part, props)}
    </>
  )
}

function partOf(part: string, props: TablePartProps): VNode {
  const rest = props.place.path.slice(3)
  if (part === 'aggregates' && rest[0] !== undefined) return <TableGroups key={rest[0]} {...props} />
  if (part === 'row') return <OneRow key={rest.join()} {...props} />
  if (part === 'new') return <NewRow {...props} />
  return <TableRows {...props} />
}
