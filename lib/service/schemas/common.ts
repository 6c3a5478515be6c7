import { type TSchema, Type } from 'typebox'
import { SCOPES } from '../../contract/service-options.js'

/** Schemas that several routes use. A schema stands once: it validates, is the handler's type, and part of the OpenAPI document. */

/** A text that is one of these. */
export function OneOf<Value extends string>(values: readonly Value[], options: object = {}) {
  return Type.Unsafe<Value>({ type: 'string', enum: [...values], ...options })
}

export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const ScopeName = OneOf(SCOPES)

export const NoContent = Type.Null({ description: 'Nothing' })

/** Of an error: RFC 9457, and the code of the command line. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened' }),
    code: Type.String({ description: 'As on the command line: docs/errors.md' }),
    hint: Nullable(Type.String({ description: 'What can be done about it' })),
  },
  { additionalProperties: true, title: 'Problem' },
)

/** The number of a run in a path. */
export const RunParameters = Type.Object({
  run: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'The number of the run' }),
})

/** A run that waits in the queue. */
export const QueuedRun = Type.Object({ run: Type.Integer(), status: Type.Literal('queued') })
