import { getRun, isAtWork, type Run } from '../api/runs.js'
import { type Account, may } from '../api/session.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { RunProgress } from '../components/run-progress.js'
import { Status } from '../components/status.js'
import { Tabs } from '../components/tabs.js'
import { count, sourceNames, time } from '../format.js'
import { hrefOf, type Place } from '../place.js'
import { useLoaded } from '../use-loaded.js'
import { RunActions } from './run/actions.js'
import { RunChanges } from './run/changes.js'
import { RunReceipt } from './run/receipt.js'
import { RunRejects } from './run/rejects.js'

/** One run: how far it is, what it did or would do, and what can be done with it. */
export function RunPage({ place, account }: { place: Place; account: Account }) {
  const number = Number(place.path[1])
  const part = place.path[2] ?? ''
  const loaded = useLoaded((signal) => getRun(number, signal), [number])
  return (
    <LoadedView of={loaded} title={`Run ${number}`}>
      {(run) => (
        <>
          <Head title={titleOf(run)}>
            {may(account, 'write') && <RunActions run={run} onDone={loaded.reload} />}
          </Head>
          <Facts run={run} />
          {isAtWork(run) ? (
            <RunProgress run={number} onEnd={loaded.reload} />
          ) : (
            <>
              <Parts run={run} part={part} />
              <Part run={run} part={part} />
            </>
          )}
        </>
      )}
    </LoadedView>
  )
}

function titleOf({ run, command }: Run): string {
  return `Run ${run}: ${command}`
}

function Facts({ run }: { run: Run }) {
  const { status, source, table, key, startedAt } = run
  return (
    <dl class="facts">
      <div>
        <dt>status</dt>
        <dd>
          <Status of={status} />
        </dd>
      </div>
      {source !== null && (
        <div>
          <dt>source</dt>
          <dd>{sourceNames(source)}</dd>
        </div>
      )}
      <div>
        <dt>table</dt>
        <dd>
          <a href={hrefOf(['tables', table])}>{table}</a>
        </dd>
      </div>
      {key.length > 0 && (
        <div>
          <dt>key</dt>
          <dd>{key.join(', ')}</dd>
        </div>
      )}
      {startedAt && (
        <div>
          <dt>started</dt>
          <dd>{time(startedAt)}</dd>
        </div>
      )}
    </dl>
  )
}

function Parts({ run: { run, status, source, rows }, part }: { run: Run; part: string }) {
  const parts = [
    ['', 'Receipt'],
    ...(status === 'completed' || status === 'planned' ? [['changes', 'Changes'] as const] : []),
    ...(source === null
      ? []
      : [['rejects', `Rejects${rows?.rejected ? ` (${count(rows.rejected)})` : ''}`] as const]),
  ] as const
  const tabs = parts.map(([path, name]) => ({
    name,
    href: hrefOf(path === '' ? ['runs', run] : ['runs', run, path]),
    isHere: path === part,
  }))
  return <Tabs label="Parts of the run" tabs={tabs} />
}

function Part({ run, part }: { run: Run; part: string }) {
  if (part === 'changes') return <RunChanges run={run.run} />
  if (part === 'rejects') return <RunRejects run={run.run} />
  return <RunReceipt run={run} />
}
