import type { UndoConflict } from '../../../lib/contract/change.js'
import { hrefOf } from '../place.js'
import { keyText, Value } from './change-view.js'

/** What of a run cannot be taken back: which rows, why, and who changed them. */
export function ConflictList({ conflicts }: { conflicts: readonly UndoConflict[] }) {
  return (
    <section aria-labelledby="conflicts">
      <h2 id="conflicts">Conflicts</h2>
      {conflicts.map((conflict) => (
        <Conflict key={keyText(conflict.key)} of={conflict} />
      ))}
    </section>
  )
}

function Conflict({ of: { key, conflict, left = {}, now = {}, run, reason } }: { of: UndoConflict }) {
  return (
    <article class="change is-delete">
      <h3>
        <span class="key">{keyText(key)}</span> {conflict}{' '}
        <span class="quiet">
          {run === null ? 'outside of dasy' : <a href={hrefOf(['runs', run])}>by run {run}</a>}
        </span>
      </h3>
      {reason && <p>{reason}</p>}
      <dl>
        {Object.keys(left).map((column) => (
          <div key={column}>
            <dt>{column}</dt>
            <dd>
              <span class="quiet">the run left</span> <Value of={left[column]} />{' '}
              <span class="quiet">and now it is</span> <Value of={now[column]} />
            </dd>
          </div>
        ))}
      </dl>
    </article>
  )
}
