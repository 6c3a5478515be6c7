import type { KnownRows, Rows } from '../../../lib/contract/receipt.js'
import { count, percent } from '../format.js'

/** Where a record can go, what that means, and whether a zero is shown. */
const OUTCOMES: readonly (readonly [Exclude<keyof Rows, 'read'>, string, boolean])[] = [
  ['inserted', 'new', true],
  ['updated', 'changed', true],
  ['unchanged', 'not written', true],
  ['duplicates', 'repeat the key of another record', false],
  ['rejected', 'bad records', false],
  ['skipped', 'left out on request', false],
  ['deleted', 'gone from the table', false],
]

/** The height of an outcome in the picture, as in charts.css. */
const ROW = 36
const WIDTH = 100

interface Flow {
  readonly name: string
  readonly meaning: string
  readonly value: number
  /** Of what was read; null for rows that are deleted because no record has them. */
  readonly share: number | null
}

/**
 * A receipt as a picture: from what was read a band for each outcome, as wide as its share; and the counts.
 * @param isOfRecords whether the run read a source. Otherwise `read` is the number of changes that it was to make, deletions included
 */
export function ReceiptFlow({ rows, isOfRecords }: { rows: KnownRows; isOfRecords: boolean }) {
  const read = rows.read ?? 0
  const flows = OUTCOMES.flatMap(([name, meaning, always]): Flow[] => {
    const value = rows[name]
    if (value === null || (value === 0 && !always)) return []
    const isOutside = name === 'deleted' && isOfRecords
    return [{ name, meaning, value, share: isOutside || read === 0 ? null : value / read }]
  })
  const height = Math.max(1, flows.length) * ROW
  return (
    <div class="flow">
      <div class="flow-read">
        <strong class="figure">{rows.read === null ? '?' : count(read)}</strong>
        <span>{isOfRecords ? 'records read' : 'changes'}</span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {bands(flows, height).map(({ name, path }) => (
          <path key={name} class={`is-${name}`} d={path} />
        ))}
      </svg>
      <dl class="flow-outcomes" aria-label="Where each record went">
        {flows.map(({ name, meaning, value, share }) => (
          <div key={name} class={`is-${name}`}>
            <dt>
              {name} <span class="quiet">{meaning}</span>
            </dt>
            <dd>
              <span class="figure">{count(value)}</span>
              <span class="share">{share ? percent(value, read) : ''}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function bands(flows: readonly Flow[], height: number): { readonly name: string; readonly path: string }[] {
  let top = 0
  return flows.flatMap(({ name, share }, index) => {
    if (share === null || share === 0) return []
    const left = share * height
    const right = Math.min(Math.max(left, 1.5), ROW - 10)
    const y = index * ROW + (ROW - right) / 2
    const path =
      `M0 ${top} C${WIDTH / 2} ${top} ${WIDTH / 2} ${y} ${WIDTH} ${y} V${y + right} ` +
      `C${WIDTH / 2} ${y + right} ${WIDTH / 2} ${top + left} 0 ${top + left} Z`
    top += left
    return [{ name, path }]
  })
}
