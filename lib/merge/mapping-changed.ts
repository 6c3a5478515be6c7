import type { Target } from '../catalog/target.js'
import { isSameMapping, type Mapping } from '../mapping/columns.js'
import type { MappedColumns } from '../mapping/mapper.js'

/** The table is no longer what it was when the records were judged: they are judged again, by this mapping. */
export class MappingChanged extends Error {
  constructor(readonly mapping: Mapping) {
    super('the table was changed meanwhile')
  }
}

/**
 * The mapping to the table as it is under its lock.
 * @param judged what the records were judged by
 * @throws MappingChanged
 */
export function requireSameMapping(judged: MappedColumns, target: Target | undefined): Mapping {
  const mapping = judged.mapper.map(target)
  if (!isSameMapping(mapping, judged.mapping)) throw new MappingChanged(mapping)
  return mapping
}
