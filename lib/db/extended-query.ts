import { once } from 'node:events'
import pg from 'pg'

/** The part of node-postgres's connection that a COPY needs. */
interface Wire {
  sendCopyFail(reason: string): void
  sync(): void
}

/**
 * A statement of a user's SQL file, run by the extended query protocol: PostgreSQL then refuses text with more than one
 * statement. The rows of its result are not kept.
 */
export class ExtendedQuery extends pg.Query {
  constructor(text: string) {
    super({ text, queryMode: 'extended' } as pg.QueryConfig)
    this.on('row', () => {})
    // The connection may still break after the statement has failed; without a listener that would end the process.
    this.on('error', () => {})
  }

  async runOn(client: pg.Client): Promise<void> {
    client.query(this)
    await once(this, 'end')
  }

  /** COPY … FROM STDIN: there is no data for it. While the server waits for data it ignores the Sync already sent. */
  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('COPY FROM STDIN has no data in an SQL file')
    wire.sync()
  }
}
