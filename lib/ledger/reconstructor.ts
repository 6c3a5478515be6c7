import { writeFields } from '../csv/lenient.js'
import type { Session } from '../db/session.js'
import { list, sql, statement } from '../db/sql.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import type { StagedPosition } from './locator.js'
import { partsOfPosition, positionOf, stagedColumn, stagingTable } from './staging.js'

interface StagedFields {
  readonly place: number
  readonly fields: readonly (Buffer | null)[]
}

/** Writes staged records anew from their fields, where their source cannot be read again: they come near what they were. */
export class Reconstructor {
  readonly #session: Session
  readonly #plan: LoadPlan

  constructor(session: Session, plan: LoadPlan) {
    this.#session = session
    this.#plan = plan
  }

  /** @returns the same places, those of such sources with their records */
  async rewrite<Item extends StagedPosition>(places: readonly Item[]): Promise<Item[]> {
    const records = new Map<string, Buffer>()
    for (const [ordinal, source] of this.#plan.sources.entries()) {
      const own = places.filter((each) => each.source === ordinal)
      if (source.repeatable || own.length === 0) continue
      for (const { place, fields } of await this.#fieldsOf(ordinal, source, own)) {
        records.set(positionOf(ordinal, place), written(fields, source))
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
      statement('load/staged_fields', { staging: stagingTable(this.#plan.run), place: offset, fields }),
      [places.map(({ place }) => positionOf(ordinal, place)), encoding],
    )
  }
}

/** NULL without quotes, anything else in quotes. */
function written(fields: readonly (Buffer | null)[], { dialect }: SourcePlan): Buffer {
  const raw = fields.map((bytes) => ({ bytes: bytes ?? Buffer.alloc(0), quoted: bytes?.length === 0 }))
  return writeFields(raw, dialect, undefined)
}
