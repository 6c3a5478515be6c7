import { DasyError } from '../base/errors.js'
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
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { newJob, store } from '../queue/enqueue.js'
import { type Caller, openOptions, Sources } from '../ranges/sources.js'
import { isKnown } from '../rows/known.js'
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
  const settings = resolveOptions(options, readSqlFile)
  await using opened = await openClientSource(service, source, settings)
  for (const each of opened.all) if (each.path === null) throw notRepeatable(each.name)
  const configured = await configuredTables(service.config)
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

/** A load makes a table, or goes into one that is known. @throws DasyError TABLE_NOT_ALLOWED */
export async function requireAllowed(
  session: Session,
  table: TableName,
  configured: readonly TableName[],
): Promise<void> {
  const found = await findTable(session, table)
  if (!found || (await isKnown(session, table, found, configured))) return
  const name = displayName(table)
  throw new DasyError('TABLE_NOT_ALLOWED', `${name} exists, and dasy has never loaded it`, {
    hint: 'Load it once on the command line, or name it in a dataset of the configuration.',
    details: { table: name },
  })
}
