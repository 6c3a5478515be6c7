import type { Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import type { Tuning } from '../db/tuning.js'
import type { Mapping } from '../mapping/columns.js'
import { type NewTypes, withTypes } from '../mapping/types.js'
import { inferTypes } from './infer-types.js'
import { InvalidValues, mayBeInvalid } from './invalid-values.js'
import type { RejectContext } from './staged-rejects.js'

/** The columns with their types, as far as they are known. */
export interface TypedMapping {
  readonly mapping: Mapping
  /** Of columns that are made. */
  readonly types: NewTypes
}

export interface ValueJudgement extends RejectContext, TypedMapping {
  readonly settings: Settings
  readonly tuning: Tuning
  /** The table, where it is there already. */
  readonly target: Target | undefined
}

/**
 * Rejects the staged records with values that their columns do not take; then, for a table that is to be made, finds
 * the types that fit the others. Where all is text there is nothing to look at.
 */
export async function judgeValues(judgement: ValueJudgement): Promise<TypedMapping> {
  const { session, run, locator, tuning, settings, target, mapping, types } = judgement
  const isInferred = settings.infer && mapping.isNew
  if (!isInferred && !mayBeInvalid(mapping)) return { mapping, types }
  const misfits = new InvalidValues({
    ...{ session, run, locator, tuning, mapping },
    table: settings.table.name,
    rewrites: target?.rewrites ?? false,
  })
  await misfits.reject()
  if (!isInferred) return { mapping, types }
  const inferred = await inferTypes({ session, run, mapping, tuning, misfits })
  const all = new Map([...inferred, ...types])
  return { mapping: withTypes(mapping, all), types: all }
}
