import { Type } from 'typebox'
import type { App } from '../routing.js'
import { Nullable } from '../schemas/common.js'
import { whenLeft } from '../streamed-answer.js'
import type { TableRows } from '../table-rows.js'

const Table = Type.Object({
  table: Type.String({ description: 'Its name in paths' }),
  columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), required: Type.Boolean() })),
  key: Nullable(Type.Array(Type.String(), { description: 'null: rows cannot be told apart' })),
  rows: Nullable(Type.Integer({ description: 'An estimate; null: not known yet' })),
  aggregates: Type.Array(Type.Object({ name: Type.String(), column: Type.String(), kind: Type.String() })),
})

const GroupQuery = Type.Object(
  {
    top: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Only the largest' })),
    search: Type.Optional(Type.String({ description: 'Only groups whose text contains this' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    cursor: Type.Optional(Type.String({ description: 'Of the page before' })),
  },
  { additionalProperties: false },
)

const Groups = Type.Object({
  aggregate: Type.String(),
  kind: Type.String(),
  groups: Type.Array(Type.Object({ value: Type.Unknown(), count: Type.Integer() })),
  cursor: Nullable(Type.String({ description: 'For the next page; null: there is none' })),
})

/** Known tables, and the groups of their aggregates. */
export function tableRoutes(rows: TableRows) {
  return (app: App): void => {
    const config = { scope: 'read' } as const
    const tags = ['tables']

    app.get(
      '/v1/tables',
      {
        config,
        schema: {
          tags,
          summary: 'The tables that dasy has loaded, or that the configuration names',
          response: { 200: Type.Object({ tables: Type.Array(Table) }) },
        },
      },
      async () => ({ tables: await (await rows.get()).tables() }) as never,
    )

    app.get(
      '/v1/tables/:table/aggregates/:column',
      {
        config,
        schema: {
          tags,
          summary: 'The groups of an aggregate, the largest first',
          params: Type.Object({ table: Type.String(), column: Type.String() }),
          querystring: GroupQuery,
          response: { 200: Groups },
        },
      },
      async ({ params: { table, column }, query }, reply) => {
        const { groups, ...page } = await (await rows.get()).groups(table, column, query, whenLeft(reply))
        reply.type('application/json').serializer((text) => String(text))
        const { cursor, ...about } = page
        return `{${json(about)},"groups":[${groups.join(',')}],"cursor":${JSON.stringify(cursor)}}` as never
      },
    )
  }
}

/** The members of an object in JSON. */
function json(object: object): string {
  return JSON.stringify(object).slice(1, -1)
}
