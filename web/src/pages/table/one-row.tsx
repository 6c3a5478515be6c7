import { useState } from 'preact/hooks'
import { deleteRow, getRow, historyOf, type ReadRow, textOf } from '../../api/rows.js'
import { ChangeView, Value } from '../../components/change-view.js'
import { Confirm } from '../../components/confirm.js'
import { LoadedView } from '../../components/loaded-view.js'
import { ProblemNote } from '../../components/problem-note.js'
import { time } from '../../format.js'
import { hrefOf } from '../../place.js'
import { useAction, useLoaded } from '../../use-loaded.js'
import type { TablePartProps } from '../table.js'
import { RowEditor } from './row-editor.js'

/** One row, and who wrote it. */
export function OneRow(props: TablePartProps) {
  const { table, place } = props
  const key = place.path.slice(3)
  const loaded = useLoaded((signal) => getRow(table.table, key, signal), [table.table, key.join()])
  return (
    <>
      <h2>{key.join(', ')}</h2>
      <LoadedView of={loaded}>
        {(row) => <Row {...props} tableKey={key} row={row} onChanged={loaded.reload} />}
      </LoadedView>
      <History table={table.table} tableKey={key} version={loaded.value?.etag ?? ''} />
    </>
  )
}

interface RowProps extends TablePartProps {
  readonly tableKey: readonly string[]
  readonly row: ReadRow
  readonly onChanged: () => void
}

function Row({ table, tableKey, row, mayWrite, onChanged }: RowProps) {
  const [isEdited, setEdited] = useState(false)
  const [isAsked, setAsked] = useState(false)
  const { run: remove, problem } = useAction(async () => {
    await deleteRow(table.table, tableKey, row.etag)
    onChanged()
  })
  if (isEdited)
    return (
      <div class="card">
        <RowEditor
          {...{ table, row, tableKey }}
          onSaved={() => {
            setEdited(false)
            onChanged()
          }}
          onCancel={() => setEdited(false)}
        />
      </div>
    )
  return (
    <>
      <dl class="facts">
        {Object.entries(row.row).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value of={value === null ? null : textOf(value)} />
            </dd>
          </div>
        ))}
      </dl>
      {mayWrite && (
        <div class="actions">
          <button type="button" onClick={() => setEdited(true)}>
            Edit
          </button>
          <button type="button" class="is-dangerous" onClick={() => setAsked(true)}>
            Delete
          </button>
        </div>
      )}
      {isAsked && (
        <Confirm
          title={`Delete ${tableKey.join(', ')}?`}
          verb="Delete"
          isDangerous
          onNo={() => setAsked(false)}
          onYes={() => {
            setAsked(false)
            void remove()
          }}
        >
          <p>The row goes from {table.table}. Its history stays, and undo of that run brings it back.</p>
        </Confirm>
      )}
      <ProblemNote problem={problem} />
    </>
  )
}

function History({
  table,
  tableKey,
  version,
}: {
  table: string
  tableKey: readonly string[]
  version: string
}) {
  const loaded = useLoaded((signal) => historyOf(table, tableKey, signal), [table, tableKey.join(), version])
  return (
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      <LoadedView of={loaded}>
        {({ outside, changes, since }) => (
          <>
            {outside && <p class="note">Changed outside of dasy: the row is not as the last run left it.</p>}
            {changes.length === 0 && <p class="empty">No history is kept of this row.</p>}
            <ol class="history">
              {changes.map((change) => (
                <li key={change.run}>
                  <p>
                    <a href={hrefOf(['runs', change.run])}>run {change.run}</a> {change.command}{' '}
                    <span class="quiet">{time(change.time)}</span>
                  </p>
                  <ChangeView change={{ ...change, key: {} }} />
                </li>
              ))}
            </ol>
            {since && (
              <p class="quiet">
                The history of this table goes back to run {since.run}, {time(since.time)}.
              </p>
            )}
          </>
        )}
      </LoadedView>
    </section>
  )
}
