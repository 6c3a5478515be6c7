import type { Change, Operation, Values } from '../../../lib/contract/change.js'

const MARKS: Readonly<Record<Operation, string>> = { insert: '+', update: '~', delete: '−' }

/** One change of a row as a diff: each column with its old and its new value. */
export function ChangeView({ change }: { change: Change }) {
  const { op, key, old, source, line, byte } = change
  const columns = Object.keys({ ...old, ...change.new }).filter((column) => !(column in key))
  return (
    <article class={`change is-${op}`}>
      <h3>
        <span class="mark" aria-hidden="true">
          {MARKS[op]}
        </span>{' '}
        {op} <span class="key">{keyText(key)}</span>
        {source !== null && (
          <span class="quiet">
            {' '}
            {source}
            {line !== null ? `:${line}` : byte !== null ? `, byte ${byte}` : ''}
          </span>
        )}
      </h3>
      {columns.length > 0 && (
        <dl>
          {columns.map((column) => (
            <div key={column}>
              <dt>{column}</dt>
              <dd>
                {old && column in old && <Old value={old[column]} />}
                {op === 'update' && (
                  <span class="arrow" aria-hidden="true">
                    {' → '}
                  </span>
                )}
                {change.new && column in change.new && <New value={change.new[column]} />}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  )
}

/** `sku = a, size = 3` */
export function keyText(key: Values): string {
  return Object.entries(key)
    .map(([column, value]) => `${column} = ${value ?? 'NULL'}`)
    .join(', ')
}

/** A value, or that it is NULL. */
export function Value({ of }: { of: string | null | undefined }) {
  if (of === null || of === undefined) return <span class="null">NULL</span>
  if (of === '') return <span class="null">empty</span>
  return <span class="value">{of}</span>
}

function Old({ value }: { value: string | null | undefined }) {
  return (
    <del>
      <Value of={value} />
    </del>
  )
}

function New({ value }: { value: string | null | undefined }) {
  return (
    <ins>
      <Value of={value} />
    </ins>
  )
}
