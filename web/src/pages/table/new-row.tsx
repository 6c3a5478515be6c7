import { useState } from 'preact/hooks'
import { insertRow, type Row, typedValue } from '../../api/rows.js'
import { ProblemNote } from '../../components/problem-note.js'
import { go, hrefOf } from '../../place.js'
import { useAction } from '../../use-loaded.js'
import type { TablePartProps } from '../table.js'
import { ValueInput } from './value-input.js'

/** Adds one row. Columns that are not given get their defaults. */
export function NewRow({ table }: TablePartProps) {
  const [typed, setTyped] = useState<Row>({})
  const {
    run: add,
    isAtWork,
    problem,
  } = useAction(async () => {
    const values = table.columns.flatMap((column) => {
      const text = typed[column.name] as string | null | undefined
      if (text === undefined) return []
      return [[column.name, text === null ? null : typedValue(column, text)]]
    })
    const key = await insertRow(table.table, Object.fromEntries(values))
    go(hrefOf(['tables', table.table, 'row', ...key]))
  })
  return (
    <form
      class="card stack"
      aria-label="New row"
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <div class="fields">
        {table.columns.map((column) => (
          <ValueInput
            key={column.name}
            column={column}
            value={typed[column.name] as string | null | undefined}
            onChange={(value) => setTyped({ ...typed, [column.name]: value })}
          />
        ))}
      </div>
      <ProblemNote problem={problem} />
      <div class="actions">
        <button type="submit" class="is-main" disabled={isAtWork}>
          Insert
        </button>
        <a class="button" href={hrefOf(['tables', table.table])}>
          Cancel
        </a>
      </div>
    </form>
  )
}
