import type { Dataset } from '../../config/dataset.js'
import { parseAge } from '../../contract/values.js'
import type { WatchNews } from '../../contract/watch-events.js'
import type { Session } from '../../db/session.js'
import { query, statement } from '../../db/sql.js'
import { type FoundFile, shown } from '../file.js'
import { type Alerts, listLate } from './alerts.js'

/** Begins to wait for the files of these datasets, unless that has begun before. */
export async function expectFiles(session: Session, datasets: readonly Dataset[]): Promise<void> {
  const names = datasets.map(({ name }) => name)
  const text = query`INSERT INTO dasy.watched (dataset) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`
  await session.run(text, [names])
}

/** Tells of datasets of which nothing has arrived for too long. */
export async function checkMissing(
  session: Session,
  datasets: readonly Dataset[],
  alerts: Alerts,
): Promise<WatchNews[]> {
  const news: WatchNews[] = []
  for (const { name, watch } of datasets) {
    if (watch.expectEvery === undefined) continue
    const key = { cause: 'missing', dataset: name } as const
    const values = [name, parseAge('expectEvery', watch.expectEvery)]
    const row = await session.row<{ missing: boolean }>(statement('watch/missing'), values)
    const message = `no file of ${name} has arrived for ${watch.expectEvery}`
    const told = await session.transaction(() =>
      row?.missing ? alerts.raise(session, key, { message }) : alerts.clear(session, key),
    )
    news.push(...told)
  }
  return news
}

/** How long a file has been in its folder, in seconds. */
export type AgeOf = (file: FoundFile) => number

/**
 * Tells of files that are not loaded although they have been there for too long, and of those that are no longer.
 * @param lying all files that are not loaded
 * @param isWatched whether a path is in a folder that is watched here, and can be read
 */
export async function checkLate(
  session: Session,
  lying: readonly FoundFile[],
  {
    places,
    isWatched,
    ageOf,
  }: { places: readonly string[]; isWatched: (path: string) => boolean; ageOf: AgeOf },
  alerts: Alerts,
): Promise<WatchNews[]> {
  const late = lying.filter((file) => {
    const { alertAfter } = file.dataset.watch
    return alertAfter !== undefined && ageOf(file) > parseAge('alertAfter', alertAfter)
  })
  const idOf = ({ place, path }: { place: string; path: string }): string => `${place}\0${path}`
  const before = await listLate(session, places)
  const known = new Set(before.map(idOf))
  const still = new Set(late.map(idOf))
  const news: WatchNews[] = []
  for (const file of late) {
    if (known.has(idOf(file))) continue
    const { place, path, dataset } = file
    const key = { cause: 'late', dataset: dataset.name, place, path } as const
    const message = `${shown(path)} has not been loaded for ${dataset.watch.alertAfter}`
    news.push(
      ...(await session.transaction(() => alerts.raise(session, key, { file: shown(path), message }))),
    )
  }
  for (const each of before) {
    if (still.has(idOf(each)) || !isWatched(each.path)) continue
    news.push(...(await session.transaction(() => alerts.clear(session, { cause: 'late', ...each }))))
  }
  return news
}
