import { once } from 'node:events'
import pg from 'pg'

/** What node-postgres gives to a query that is asked for data. */
interface Wire {
  sendCopyFail(why: string): void
  sync(): void
}

/**
 * One statement of somebody else's, by the protocol in which PostgreSQL refuses text that holds more than one. Rows that
 * it gives are not kept.
 */
export class LoneQuery extends pg.Query {
  constructor(text: string) {
    super({ text, queryMode: 'extended' } as pg.QueryConfig)
    this.on('row', () => {})
    // A connection that breaks after the statement has failed is an error of nobody any more.
    this.on('error', () => {})
  }

  async runOn(client: pg.Client): Promise<void> {
    client.query(this)
    await once(this, 'end')
  }

  /** COPY … FROM STDIN. While it waits for data the server overhears what node-postgres has sent to end it. */
  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('there is no data for it here')
    wire.sync()
  }
}
