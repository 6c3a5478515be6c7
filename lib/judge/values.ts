import type { Target } from '../catalog/target.js'
import type { MappedColumns } from '../mapping/mapper.js'
import type { RunContext } from './context.js'
import { inferTypes } from './infer-types.js'
import { InvalidValues, mayBeInvalid } from './invalid-values.js'

/**
 * Rejects the staged records with values that their columns do not accept; then, with --infer and a new table, finds
 * the types that fit the remaining records. If all columns are text, every value fits.
 * @param target the table, if it exists
 */
export async function judgeValues(
  context: RunContext,
  mapped: MappedColumns,
  target: Target | undefined,
): Promise<MappedColumns> {
  const { mapper, mapping } = mapped
  const isInferred = context.settings.mapping.infer && mapping.isNew
  if (!isInferred && !mayBeInvalid(mapping)) return mapped
  const invalid = new InvalidValues(context, mapping, target?.rewrites ?? false)
  await invalid.reject()
  if (!isInferred) return mapped
  const inferred = await inferTypes(context, mapping, invalid)
  const typed = mapper.withTypes(new Map([...inferred, ...mapper.types]))
  return { mapper: typed, mapping: typed.map(undefined) }
}
