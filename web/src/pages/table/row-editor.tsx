import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem } from '../../api/request.js'
import { changeRow, type ReadRow, type Row, textOf, typedValue } from '../../api/rows.js'
import type { Table } from '../../api/tables.js'
import { ProblemNote } from '../../components/problem-note.js'
import { useAction } from '../../use-loaded.js'
import { ValueInput } from './value-input.js'

interface RowEditorProps {
  readonly table: Table
  /** As it was read: nothing is written if it is another one by now. */
  readonly row: ReadRow
  readonly tableKey: readonly string[]
  readonly onSaved: () => void
  readonly onCancel: () => void
}

/** Changes columns of one row. Its key stays. */
export function RowEditor({ table, row: { row, etag }, tableKey, onSaved, onCancel }: RowEditorProps) {
  const form = useRef<HTMLFormElement>(null)
  const [typed, setTyped] = useState<Row>({})
  const changed = table.columns.filter(({ name }) => name in typed && typed[name] !== shown(row[name]))
  const {
    run: save,
    isAtWork,
    problem,
  } = useAction(async () => {
    if (changed.length === 0) return onCancel()
    const values = changed.map((column) => {
      const text = typed[column.name] as string | null
      return [column.name, text === null ? null : typedValue(column, text)]
    })
    await changeRow(table.table, tableKey, etag, Object.fromEntries(values)).catch(explain)
    onSaved()
  })
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  return (
    <form
      ref={form}
      class="stack"
      aria-label={`Edit ${tableKey.join(', ')}`}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <div class="fields">
        {table.columns.map((column) =>
          table.key?.includes(column.name) ? (
            <div key={column.name} class="field">
              {column.name}
              <strong>{textOf(row[column.name])}</strong>
            </div>
          ) : (
            <ValueInput
              key={column.name}
              column={column}
              value={column.name in typed ? (typed[column.name] as string | null) : shown(row[column.name])}
              onChange={(value) => setTyped({ ...typed, [column.name]: value })}
            />
          ),
        )}
      </div>
      <ProblemNote problem={problem} />
      <div class="actions">
        <button type="submit" class="is-main" disabled={isAtWork}>
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function shown(value: unknown): string | null {
  return value === null || value === undefined ? null : textOf(value)
}

function explain(error: unknown): never {
  if (!(error instanceof Problem) || error.status !== 412) throw error
  const message = 'somebody has changed this row since you began, and nothing was written'
  throw new Problem(412, 'Changed meanwhile', message, error.code, 'Cancel, and edit it again as it is now.')
}
