import { requireKnown } from '../catalog/known.js'
import { findTable } from '../catalog/target.js'
import {
  configuredHistoryDays,
  configuredQueue,
  configuredTables,
  withDataset,
} from '../config/with-dataset.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { EnqueueOptions } from '../contract/queue-options.js'
import { resolveOptions, type Settings } from '../contract/settings.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { newJob, store } from '../queue/enqueue.js'
import { type Caller, openOptions, Sources } from '../ranges/sources.js'
import { readSqlFile } from '../script/sql-file.js'
import { openSource } from '../source/open.js'
import { notRepeatable } from '../source/origins/pipe.js'
import { toLoadOptions, type WantedLoad } from './load-options.js'
import type { Service } from './service.js'

/** A source as a client has named or sent it. */
export interface ClientSource {
  /** In receipts. */
  readonly name: string
  /** The file, or the URL. */
  readonly path: string
}

/**
 * Puts a load into the queue.
 * @param also what else is stored in the same transaction
 * @returns the number of the run
 * @throws DasyError as `enqueue`, and TABLE_NOT_ALLOWED, URL_NOT_ALLOWED
 */
export async function enqueueLoad(
  service: Service,
  source: ClientSource,
  wanted: WantedLoad,
  also: (session: Session, run: number) => Promise<void>,
): Promise<number> {
  const options = await optionsOf(service, wanted)
  requireKnownOptions('enqueue', options)
  const configured = await configuredTables(service.config)
  const resolved = resolveOptions(options, readSqlFile)
  // Somebody else may make the table until a worker comes to it.
  const settings = { ...resolved, policy: { ...resolved.policy, onlyKnown: configured } }
  await using opened = await openClientSource(service, source, settings)
  for (const each of opened.all) if (each.path === null) throw notRepeatable(each.name)
  const job = newJob(options, settings, opened.all)
  return await service.sessions.use((session) =>
    session.transaction(async () => {
      await requireAllowed(session, settings.table, configured)
      const { run } = await store(session, job)
      await also(session, run)
      return run
    }),
  )
}

/** Opens a source under the rules for what clients name. */
export async function openClientSource(
  { allowPrivate, note, stopping }: Service,
  { name, path }: ClientSource,
  settings: Settings,
  caller: Caller = { signal: stopping, note },
): Promise<Sources> {
  const clientUrls = { mayBePrivate: allowPrivate.includes('urls') }
  // The client waits; a worker tries for longer.
  const how = { ...openOptions(settings, caller), clientUrls, retryMs: 0 }
  return await Sources.openEach([path], (each) => openSource(name, 0, how, each))
}

async function optionsOf({ config }: Service, wanted: WantedLoad): Promise<EnqueueOptions> {
  const { command = 'ingest', plan, dataset } = wanted
  const given = toLoadOptions(wanted)
  const load =
    dataset === undefined
      ? { ...given, historyDays: await configuredHistoryDays(config) }
      : await withDataset([], given, { config, dataset, command })
  return { ...load, ...(await configuredQueue(config)), plan, update: command === 'update' }
}

/** Whether the table is there already; the load looks again under its lock. @throws DasyError TABLE_NOT_ALLOWED */
export async function requireAllowed(
  session: Session,
  table: TableName,
  configured: readonly TableName[],
): Promise<void> {
  const found = await findTable(session, table)
  if (found) await requireKnown(session, table, found, configured)
}
