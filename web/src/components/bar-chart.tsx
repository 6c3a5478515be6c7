import { count } from '../format.js'
import { Value } from './change-view.js'

export interface Bar {
  /** Null is NULL. */
  readonly name: string | null
  readonly count: number
  readonly href: string
}

/** Counts as bars. It is a table with a picture in each line, so it can be read aloud as well. */
export function BarChart({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  return (
    <div class="wide">
      <table class="bars">
        <thead>
          <tr>
            <th scope="col">{label}</th>
            <th scope="col" class="number">
              count
            </th>
            <td class="bar-cell" />
          </tr>
        </thead>
        <tbody>
          {bars.map(({ name, count: size, href }) => (
            <tr key={name === null ? 'NULL' : `=${name}`}>
              <th scope="row" class="value">
                <a href={href}>
                  <Value of={name} />
                </a>
              </th>
              <td class="number">{count(size)}</td>
              <td class="bar-cell">
                <svg aria-hidden="true">
                  <rect width={`${(100 * size) / most}%`} height="100%" rx="2" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
