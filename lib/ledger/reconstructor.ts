import { positionOf } from '../base/position.js'
import { writeFields } from '../csv/lenient.js'
import type { Session } from '../db/session.js'
import { list, sql, statement } from '../db/sql.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import type { StagedPosition } from './staged-position.js'
import { partsOfPosition, stagedColumn, stagingTable } from './staging.js'

interface StagedFields {
  readonly place: number
  readonly fields: readonly (Buffer | null)[]
}

/**
 * Reconstructs staged records from their fields, if their source cannot be read again. Quotes may differ from those of the
 * source.
 */
export class Reconstructor {
  readonly #session: Session
  readonly #plan: LoadPlan

  constructor(session: Session, plan: LoadPlan) {
    this.#session = session
    this.#plan = plan
  }

  /** @returns the same positions, with the records of those whose source cannot be read again */
  async rewrite<Item extends StagedPosition>(places: readonly Item[]): Promise<Item[]> {
    const records = new Map<string, Buffer>()
    for (const [ordinal, source] of this.#plan.sources.entries()) {
      const own = places.filter((each) => each.source === ordinal)
      if (source.repeatable || own.length === 0) continue
      for (const { place, fields } of await this.#fieldsOf(ordinal, source, own)) {
        records.set(positionOf(ordinal, place), toRecord(fields, source))
      }
    }
    return places.map((each) => ({ ...each, rewritten: records.get(positionOf(each.source, each.place)) }))
  }

  async #fieldsOf(
    ordinal: number,
    { staged, encoding }: SourcePlan,
    places: readonly StagedPosition[],
  ): Promise<StagedFields[]> {
    const fields = list(staged.map((column) => sql`convert_to(s.${stagedColumn(column)}, $2)`))
    const { place: offset } = partsOfPosition(sql`s.position`)
    return this.#session.rows<StagedFields>(
      statement('ledger/staged_fields', { staging: stagingTable(this.#plan.run), place: offset, fields }),
      [places.map(({ place }) => positionOf(ordinal, place)), encoding],
    )
  }
}

/** An empty string in quotes, because without quotes it is NULL. */
function toRecord(fields: readonly (Buffer | null)[], { dialect }: SourcePlan): Buffer {
  const raw = fields.map((bytes) => ({ bytes: bytes ?? Buffer.alloc(0), quoted: bytes?.length === 0 }))
  return writeFields(raw, dialect, undefined)
}
