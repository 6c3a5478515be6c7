import { Type } from 'typebox'
import type { RunStatus } from '../../contract/receipt.js'
import { Nullable, OneOf } from './common.js'

/** The receipt of a run, as `dasy runs --json` has it: null for what is not known. */

export const RUN_STATUSES = [
  ...['queued', 'running', 'completed', 'failed', 'interrupted', 'rejected', 'planned'],
] as RunStatus[]

const Count = Nullable(Type.Integer({ minimum: 0 }))
const Seconds = Type.Number({ minimum: 0 })

export const RunErrorSchema = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Nullable(Type.String()),
})

export const KnownReceiptSchema = Type.Object(
  {
    run: Type.Integer({ minimum: 1 }),
    command: Type.String(),
    status: OneOf(RUN_STATUSES),
    source: Nullable(Type.Union([Type.String(), Type.Array(Type.String())])),
    table: Type.String(),
    key: Type.Array(Type.String()),
    bytes: Count,
    workers: Type.Integer({ minimum: 0 }),
    rows: Nullable(
      Type.Object({
        read: Count,
        rejected: Count,
        duplicates: Count,
        inserted: Count,
        updated: Count,
        unchanged: Count,
        skipped: Count,
        deleted: Count,
      }),
    ),
    aggregates: Nullable(Type.Array(Type.Object({ table: Type.String(), groups: Type.Integer() }))),
    seconds: Nullable(
      Type.Object({
        total: Seconds,
        start: Seconds,
        plan: Seconds,
        copy: Seconds,
        merge: Seconds,
        aggregate: Seconds,
      }),
    ),
    doubts: Type.Array(Type.String({ description: 'What detection was not sure of' })),
    error: Type.Optional(Nullable(RunErrorSchema)),
  },
  { title: 'Receipt' },
)

/** A run; the further properties only if they are asked for. */
export const TimedReceiptSchema = Type.Object(
  {
    ...KnownReceiptSchema.properties,
    startedAt: Type.Optional(Type.String({ format: 'date-time' })),
    endedAt: Type.Optional(Nullable(Type.String({ format: 'date-time' }))),
    conflicts: Type.Optional(
      Type.Array(Type.Object({}, { additionalProperties: true }), {
        description: 'Of an undo that did nothing: why',
      }),
    ),
  },
  { title: 'Run' },
)
