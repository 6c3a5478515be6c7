import type { AlertCause, WatchNews } from '../../contract/watch-events.js'
import type { Session } from '../../db/session.js'
import { query, statement } from '../../db/sql.js'
import type { Ended, Outcome } from '../arrivals.js'
import { shown } from '../file.js'
import type { FileReceipt } from '../receipts.js'
import type { AlertMessage } from './channels.js'

/** What is wrong, and of what: of a dataset, or of a file. Raised once until it is cleared. */
export interface AlertKey {
  readonly cause: AlertCause
  readonly dataset: string
  readonly place?: string
  readonly path?: string
}

interface Details {
  readonly file?: string | undefined
  readonly run?: number | null
  readonly message: string
}

interface StoredAlert {
  readonly alert: number
  readonly cause: AlertCause
  readonly dataset: string
  readonly file: string | null
  readonly run: number | null
  readonly message: string
  readonly at: Date
}

/** The payload of a job that sends a message. */
export interface AlertJob {
  readonly channel: string
  readonly id: string
  readonly message: AlertMessage
}

/**
 * What went wrong, and is well again. Each change is stored together with the jobs that send it, in the transaction of the caller, so
 * that it is told once whatever is killed.
 */
export class Alerts {
  readonly #task: string
  readonly #channels: readonly string[]

  /**
   * @param task that sends the messages
   * @param channels their names
   */
  constructor(task: string, channels: readonly string[]) {
    this.#task = task
    this.#channels = channels
  }

  async raise(session: Session, key: AlertKey, { file, run, message }: Details): Promise<WatchNews[]> {
    const { cause, dataset, place = '', path = '' } = key
    const values = [cause, dataset, place, path, file ?? null, run ?? null, message]
    return await this.#send(session, 'alert.raised', statement('watch/raise'), values)
  }

  async clear(session: Session, { cause, dataset, place = '', path = '' }: AlertKey): Promise<WatchNews[]> {
    return await this.#send(session, 'alert.cleared', statement('watch/clear'), [cause, dataset, place, path])
  }

  /** A load of a dataset has ended: it failed, had rejects, or is well. */
  async afterFiling(
    session: Session,
    { dataset, path, run }: Ended,
    { outcome, receipt, rejects }: { outcome: Outcome; receipt: FileReceipt; rejects: number },
  ): Promise<WatchNews[]> {
    const [failed, rejected] = [
      { cause: 'failed', dataset },
      { cause: 'rejects', dataset },
    ] as const
    const file = shown(path)
    if (outcome === 'failed') {
      const { code = '', message = 'it was not loaded' } = receipt.error ?? {}
      const text = `${file} was not loaded: ${code ? `${code}: ` : ''}${message}`
      return await this.raise(session, failed, { file, run, message: text })
    }
    if (outcome !== 'loaded') return []
    const message = `${file} was loaded without ${rejects} rejected ${rejects === 1 ? 'record' : 'records'}`
    return [
      ...(await this.clear(session, failed)),
      ...(rejects > 0
        ? await this.raise(session, rejected, { file, run, message })
        : await this.clear(session, rejected)),
    ]
  }

  async #send(
    session: Session,
    type: AlertMessage['type'],
    text: string,
    values: readonly unknown[],
  ): Promise<WatchNews[]> {
    const stored = await session.row<StoredAlert>(text, values)
    if (!stored) return []
    const { alert, at, cause, dataset, file, run, message } = stored
    const data = { cause, dataset, file, run, message }
    const id = `alert_${alert}_${type.slice('alert.'.length)}`
    for (const channel of this.#channels) {
      const job: AlertJob = { channel, id, message: { type, timestamp: at.toISOString(), data } }
      const key = `dasy ${id} ${channel}`
      await session.run(statement('watch/notify'), [this.#task, JSON.stringify(job), key])
    }
    return [{ type, data }]
  }
}

/** The files that are known to be late, in these places. */
export async function listLate(
  session: Session,
  places: readonly string[],
): Promise<{ dataset: string; place: string; path: string }[]> {
  return await session.rows(
    query`SELECT dataset, place, path FROM dasy.alerts WHERE cause = 'late' AND cleared_at IS NULL AND place = ANY ($1)`,
    [places],
  )
}
