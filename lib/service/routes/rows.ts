import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { DasyError } from '../../base/errors.js'
import { badOption } from '../../contract/values.js'
import type { ChangedRow } from '../../rows/change-row.js'
import { pathOfKey } from '../../rows/row-key.js'
import type { App } from '../routing.js'
import { NoContent, Nullable } from '../schemas/common.js'
import { KnownReceiptSchema } from '../schemas/receipt.js'
import { whenLeft } from '../streamed-answer.js'
import { conditionsOf, filtersOf, keyOf, type TableRows } from '../table-rows.js'

const Row = Type.Record(Type.String(), Type.Unknown(), {
  description: 'By column. boolean, smallint, integer, floats and json as in JSON, all else as a string',
})
const Page = Type.Object({
  rows: Type.Array(Row),
  cursor: Nullable(Type.String({ description: 'For the next page; null: there is none' })),
})
const InTable = Type.Object({ table: Type.String() })
const InRow = Type.Object({
  table: Type.String(),
  key: Type.String({ description: 'The values of the key, each encoded, with commas between them' }),
})
const Blame = Type.Object({
  table: Type.String(),
  key: Row,
  outside: Type.Boolean({ description: 'Whether the row is not as the last run left it' }),
  changes: Type.Array(Type.Unknown(), { description: 'As `dasy blame --json`, the newest first' }),
  since: Nullable(Type.Unknown()),
})
/** Also `filter[column]` and `filter[column][operator]`. */
const ListQuery = Type.Object(
  {
    sort: Type.Optional(Type.String({ description: 'Columns with commas; a minus for descending' })),
    limit: Type.Optional(Type.String({ description: 'At most 1000; 100 by default' })),
    cursor: Type.Optional(Type.String()),
    select: Type.Optional(Type.String({ description: 'Columns with commas' })),
    confirm: Type.Optional(Type.String({ description: 'For deleting: the name of the table' })),
  },
  { additionalProperties: true },
)

/** The header that names the run of a write. */
const RUN = 'dasy-run'

/** The rows of tables. Rows are sent as PostgreSQL writes them in JSON. */
export function rowRoutes(rows: TableRows) {
  return (app: App): void => {
    const [read, write, admin] = [{ scope: 'read' }, { scope: 'write' }, { scope: 'admin' }] as const
    const tags = ['rows']
    app.addHook('onClose', () => rows.close())
    keepText(app)

    app.get(
      '/v1/tables/:table/rows',
      {
        config: read,
        schema: {
          tags,
          summary: 'A page of rows',
          params: InTable,
          querystring: ListQuery,
          response: { 200: Page },
        },
      },
      async (request, reply) => {
        const { filters, others } = filtersOf(request)
        const limit = others.get('limit')
        const asked = {
          filters,
          sort: others.get('sort'),
          limit: limit === undefined ? undefined : Number(limit || Number.NaN),
          cursor: others.get('cursor'),
          select: others.get('select'),
        }
        const page = await (await rows.get()).list(request.params.table, asked, whenLeft(reply))
        return send(reply, `{"rows":[${page.rows.join(',')}],"cursor":${JSON.stringify(page.cursor)}}`)
      },
    )

    app.post(
      '/v1/tables/:table/rows',
      {
        config: write,
        schema: {
          tags,
          summary: 'Insert a row, or up to 1,000, or none',
          params: InTable,
          body: Type.Union([Row, Type.Array(Row)]),
          response: { 201: Type.Unknown() },
        },
      },
      async (request, reply) => {
        const { table } = request.params
        const body = textOf(request)
        const { rows: written, run, keys } = await (await rows.get()).insert(table, body)
        reply.code(201).header(RUN, run)
        if (body.trimStart().startsWith('['))
          return send(reply, `{"run":${run},"rows":[${written.join(',')}]}`)
        reply.header('location', `/v1/tables/${encodeURIComponent(table)}/rows/${pathOfKey(keys[0] ?? [])}`)
        return send(reply, written[0] ?? '')
      },
    )

    app.delete(
      '/v1/tables/:table/rows',
      {
        config: admin,
        schema: {
          tags,
          summary: 'Delete all rows, or those that the filters take',
          params: InTable,
          querystring: ListQuery,
          response: { 200: KnownReceiptSchema },
        },
      },
      async (request) => {
        const { table } = request.params
        const { filters, others } = filtersOf(request)
        for (const name of others.keys()) if (name !== 'confirm') throw badOption(name, 'is for listing rows')
        if (others.get('confirm') !== table) throw notConfirmed(table)
        return (await (await rows.get()).purge(table, filters)) as never
      },
    )

    app.get(
      '/v1/tables/:table/rows/:key',
      {
        config: read,
        schema: { tags, summary: 'One row', params: InRow, response: { 200: Row, 304: NoContent } },
      },
      async (request, reply) => {
        const { row, etag } = await (await rows.get()).get(request.params.table, keyOf(request))
        reply.header('etag', etag)
        const known = conditionsOf(request).ifNoneMatch
        const isKnown =
          known === '*' || known?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
        return isKnown ? (reply.code(304).send(null as never) as never) : send(reply, row)
      },
    )

    app.put(
      '/v1/tables/:table/rows/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Make or replace a row',
          params: InRow,
          body: Row,
          response: { 200: Row, 201: Row },
        },
      },
      async (request, reply) => {
        const key = keyOf(request)
        const text = textOf(request)
        return changed(
          reply,
          await (await rows.get()).put(request.params.table, key, text, conditionsOf(request)),
        )
      },
    )

    app.patch(
      '/v1/tables/:table/rows/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Change columns of a row',
          params: InRow,
          body: Row,
          response: { 200: Row },
        },
      },
      async (request, reply) => {
        const key = keyOf(request)
        const text = textOf(request)
        return changed(
          reply,
          await (await rows.get()).patch(request.params.table, key, text, conditionsOf(request)),
        )
      },
    )

    app.delete(
      '/v1/tables/:table/rows/:key',
      {
        config: write,
        schema: { tags, summary: 'Delete a row', params: InRow, response: { 204: NoContent } },
      },
      async (request, reply) => {
        const done = await (await rows.get()).delete(
          request.params.table,
          keyOf(request),
          conditionsOf(request),
        )
        return reply
          .code(204)
          .header(RUN, done.run ?? '')
          .send(null as never) as never
      },
    )

    app.get(
      '/v1/tables/:table/rows/:key/blame',
      { config: read, schema: { tags, summary: 'Who wrote a row', params: InRow, response: { 200: Blame } } },
      async (request) => (await (await rows.get()).blame(request.params.table, keyOf(request))) as never,
    )
  }
}

const TEXT = Symbol('the text of the body')

/** Keeps the text of JSON bodies: PostgreSQL reads the values out of it. It is checked like any other body. */
function keepText(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    Object.assign(request, { [TEXT]: text })
    parse(request, text as string, done)
  })
}

function textOf(request: object): string {
  return (request as { [TEXT]?: string })[TEXT] ?? ''
}

/** Sends JSON that is written already. */
function send(reply: FastifyReply, text: string): never {
  return reply
    .type('application/json; charset=utf-8')
    .serializer((written) => String(written))
    .send(text) as never
}

function changed(reply: FastifyReply, { row, etag, made, run }: ChangedRow): never {
  reply.code(made ? 201 : 200).header('etag', etag ?? '')
  if (run !== null) reply.header(RUN, run)
  return send(reply, row ?? '')
}

function notConfirmed(table: string): DasyError {
  return new DasyError('NOT_CONFIRMED', `rows of ${table} are deleted only with a confirmation`, {
    hint: `Add ?confirm=${encodeURIComponent(table)}`,
    details: { table },
  })
}
