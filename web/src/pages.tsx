import type { VNode } from 'preact'
import type { Account } from './api/session.js'
import { LoadPage } from './pages/load.js'
import { NotFoundPage } from './pages/not-found.js'
import { RunPage } from './pages/run.js'
import { RunsPage } from './pages/runs.js'
import type { Place } from './place.js'

/** Which page is at which place. */
export function pageAt(place: Place, account: Account): VNode {
  const [first = 'runs', ...rest] = place.path
  switch (first) {
    case 'runs':
      if (rest.length === 0) return <RunsPage place={place} />
      if (/^\d+$/.test(rest[0] ?? '')) return <RunPage key={rest[0]} place={place} account={account} />
      break
    case 'load':
      return <LoadPage place={place} />
  }
  return <NotFoundPage />
}
