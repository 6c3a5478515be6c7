import type { Target } from '../catalog/target.js'
import { isSameMapping, type Mapping } from '../mapping/columns.js'
import type { MappedColumns } from '../mapping/mapper.js'

/** The table was changed after the records were judged: they are judged again with this mapping. */
export class MappingChanged extends Error {
  constructor(readonly mapping: Mapping) {
    super('the table was changed meanwhile')
  }
}

/**
 * The mapping to the table as it is under its lock.
 * @param judged the mapping with which the records were judged
 * @throws MappingChanged
 */
export function requireSameMapping(judged: MappedColumns, target: Target | undefined): Mapping {
  const mapping = judged.mapper.map(target)
  if (!isSameMapping(mapping, judged.mapping)) throw new MappingChanged(mapping)
  return mapping
}
