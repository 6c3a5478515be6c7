import { useState } from 'preact/hooks'
import { getRow, isNumeric, keyOf, type ReadRow, type Row, textOf } from '../../api/rows.js'
import type { Column, Table } from '../../api/tables.js'
import { Value } from '../../components/change-view.js'
import { ProblemNote } from '../../components/problem-note.js'
import { hrefOf } from '../../place.js'
import { useAction } from '../../use-loaded.js'
import { RowEditor } from './row-editor.js'

interface RowLineProps {
  readonly table: Table
  readonly row: Row
  readonly mayWrite: boolean
  readonly onChanged: () => void
}

/** A row in the list. To be edited it is read again, so that what is changed is what is there. */
export function RowLine({ table, row, mayWrite, onChanged }: RowLineProps) {
  const [edited, setEdited] = useState<ReadRow>()
  const key = keyOf(row, table.key)
  const {
    run: edit,
    isAtWork,
    problem,
  } = useAction(async () => {
    if (key) setEdited(await getRow(table.table, key))
  })
  if (edited && key)
    return (
      <tr>
        <td colSpan={table.columns.length + 1}>
          <RowEditor
            {...{ table, row: edited }}
            tableKey={key}
            onSaved={() => {
              setEdited(undefined)
              onChanged()
            }}
            onCancel={() => setEdited(undefined)}
          />
        </td>
      </tr>
    )
  return (
    <>
      <tr>
        {table.columns.map((column) => (
          <Cell key={column.name} column={column} value={row[column.name]} />
        ))}
        <td class="nowrap">
          {key && <a href={hrefOf(['tables', table.table, 'row', ...key])}>History</a>}{' '}
          {key && mayWrite && (
            <button type="button" class="is-small" disabled={isAtWork} onClick={() => void edit()}>
              Edit
            </button>
          )}
        </td>
      </tr>
      {problem && (
        <tr>
          <td colSpan={table.columns.length + 1}>
            <ProblemNote problem={problem} />
          </td>
        </tr>
      )}
    </>
  )
}

function Cell({ column, value }: { column: Column; value: unknown }) {
  return (
    <td class={isNumeric(column) ? 'number' : 'cell'}>
      <Value of={value === null || value === undefined ? null : textOf(value)} />
    </td>
  )
}
