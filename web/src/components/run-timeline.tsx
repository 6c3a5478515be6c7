import type { Run } from '../api/runs.js'
import { counted, time } from '../format.js'
import { go, hrefOf } from '../place.js'

/** In the units of the picture. */
const WIDTH = 1000
const HEIGHT = 80
const BAR = 8

/** When the runs of a list began, and how much each read: from the oldest to the newest. */
export function RunTimeline({ runs }: { runs: readonly Run[] }) {
  const timed = runs.flatMap((run) => (run.startedAt ? [{ run, at: Date.parse(run.startedAt) }] : []))
  if (timed.length < 2) return null
  const first = Math.min(...timed.map(({ at }) => at))
  const last = Math.max(...timed.map(({ at }) => at))
  const most = Math.max(1, ...runs.map(({ rows }) => rows?.read ?? 0))
  const from = time(new Date(first).toISOString())
  const to = time(new Date(last).toISOString())
  return (
    <figure class="timeline">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${counted(timed.length, 'run')} from ${from} to ${to}; the list below has each`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} class="axis" />
        {timed.map(({ run, at }) => {
          const x = last === first ? 0 : ((at - first) / (last - first)) * (WIDTH - BAR)
          const height = heightOf(run.rows?.read ?? 0, most)
          const y = HEIGHT - height
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the list below has a link for each
            <rect
              key={run.run}
              class={`is-${run.status}`}
              {...{ x, y, height, width: BAR }}
              onClick={() => go(hrefOf(['runs', run.run]))}
            >
              <title>{`run ${run.run}, ${run.status}: ${counted(run.rows?.read ?? 0, 'record')} into ${run.table}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <span>{from}</span>
        <span>records read, on a logarithmic scale</span>
        <span>{to}</span>
      </figcaption>
    </figure>
  )
}

/** By the logarithm: a run of ten records is seen beside one of a million. */
function heightOf(records: number, most: number): number {
  return 6 + (Math.log1p(records) / Math.log1p(most)) * (HEIGHT - 10)
}
