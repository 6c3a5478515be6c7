import type { FastifyRequest } from 'fastify'
import { Rows } from '../api/rows.js'
import { configuredHistoryDays, configuredTables } from '../config/with-dataset.js'
import type { Filter, RowConditions } from '../contract/row-query.js'
import { badOption } from '../contract/values.js'
import { parseOperator } from '../rows/filters.js'
import { keyOfPath } from '../rows/row-key.js'
import { prepareReader } from '../rows/tables.js'
import type { Service } from './service.js'
import { Sessions } from './sessions.js'

/** The rows of the tables of a service. */
export class TableRows {
  readonly #service: Service
  // Apart from those of other requests, which never wait for the lock of a table.
  readonly #readers: Sessions
  readonly #writers: Sessions
  #rows: Promise<Rows> | undefined

  constructor(service: Service) {
    this.#service = service
    this.#readers = new Sessions(service.database, prepareReader)
    this.#writers = new Sessions(service.database)
  }

  /** Made when it is asked for first, because it needs the configuration. */
  get(): Promise<Rows> {
    this.#rows ??= this.#make().catch((error) => {
      this.#rows = undefined
      throw error
    })
    return this.#rows
  }

  async close(): Promise<void> {
    await this.#readers[Symbol.asyncDispose]()
    await this.#writers[Symbol.asyncDispose]()
  }

  async #make(): Promise<Rows> {
    const { database, config } = this.#service
    const [tables, historyDays] = [await configuredTables(config), await configuredHistoryDays(config)]
    return new Rows(this.#readers, this.#writers, { database, tables, historyDays })
  }
}

/** What a query asks for besides filters. */
const OTHERS = ['sort', 'limit', 'cursor', 'select', 'confirm']

/**
 * The filters of a query: `filter[column]=value`, `filter[column][operator]=value`.
 * @throws DasyError BAD_OPTION
 */
export function filtersOf({ raw }: FastifyRequest): { filters: Filter[]; others: Map<string, string> } {
  const filters: Filter[] = []
  const others = new Map<string, string>()
  for (const [name, value] of new URLSearchParams((raw.url ?? '').split('?')[1] ?? '')) {
    const [, column, operator] = /^filter\[(.+?)\](?:\[(\w*)\])?$/s.exec(name) ?? []
    if (column !== undefined)
      filters.push({
        column,
        operator: operator === undefined ? 'eq' : parseOperator(operator, column),
        value,
      })
    else if (OTHERS.includes(name) && !others.has(name)) others.set(name, value)
    else throw badOption(name, 'there is no such option, or it is there twice')
  }
  return { filters, others }
}

/** The key of a path, as it was sent: `/v1/tables/T/rows/KEY`. @throws DasyError BAD_OPTION */
export function keyOf({ raw }: FastifyRequest): string[] {
  const [path = ''] = (raw.url ?? '').split('?')
  return keyOfPath(path.split('/')[5] ?? '')
}

export function conditionsOf({ headers }: FastifyRequest): RowConditions {
  const none = headers['if-none-match']
  return { ifMatch: headers['if-match'], ifNoneMatch: Array.isArray(none) ? none.join(',') : none }
}
