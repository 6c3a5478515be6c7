import type { Target } from '../catalog/target.js'
import { type Mapped, type Mapping, mapColumns } from './columns.js'
import { type NewTypes, withTypes } from './types.js'

/**
 * Maps the columns of a file to those of a table. Made once for a load, which maps before it begins and compares under
 * the table's lock.
 */
export class ColumnMapper {
  readonly #mapped: Mapped
  /** Whether tables and columns may be made. */
  readonly mayMake: boolean
  /** Of columns that the load makes. */
  readonly types: NewTypes

  constructor(mapped: Mapped, mayMake: boolean, types: NewTypes = new Map()) {
    this.#mapped = mapped
    this.mayMake = mayMake
    this.types = types
  }

  withTypes(types: NewTypes): ColumnMapper {
    return new ColumnMapper(this.#mapped, this.mayMake, types)
  }

  /**
   * @param target undefined where the load makes the table
   * @throws DasyError see mapColumns
   */
  map(target: Target | undefined): Mapping {
    const { addColumns } = this.#mapped.settings.mapping
    const mayAdd = this.mayMake && (addColumns || target?.ours === true)
    return withTypes(mapColumns(this.#mapped, target, mayAdd), this.types)
  }
}

/** A mapping, and what made it. */
export interface MappedColumns {
  readonly mapper: ColumnMapper
  readonly mapping: Mapping
}
