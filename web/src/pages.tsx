import type { VNode } from 'preact'
import type { Account } from './api/session.js'
import { LoadPage } from './pages/load.js'
import { NotFoundPage } from './pages/not-found.js'
import { RunPage } from './pages/run.js'
import { RunsPage } from './pages/runs.js'
import { TablePage } from './pages/table.js'
import { TablesPage } from './pages/tables.js'
import { TokensPage } from './pages/tokens.js'
import { WebhookPage } from './pages/webhook.js'
import { WebhooksPage } from './pages/webhooks.js'
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
    case 'tables':
      if (rest[0] === undefined) return <TablesPage />
      return <TablePage key={rest[0]} place={place} account={account} />
    case 'webhooks':
      if (rest[0] === undefined) return <WebhooksPage />
      if (/^\d+$/.test(rest[0])) return <WebhookPage key={rest[0]} id={Number(rest[0])} />
      break
    case 'tokens':
      return <TokensPage />
  }
  return <NotFoundPage />
}
