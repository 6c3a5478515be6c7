import { isUtf8 } from 'node:buffer'
import { fold } from '../../base/fold.js'
import type { Dialect } from '../dialect.js'
import { textOf } from '../lenient.js'
import type { SampleRecord } from '../sample.js'

/** The columns that a load asks for, by which its file's delimiter is known. */
export interface Wanted {
  /** Those of the key. */
  readonly key: readonly string[]
  /** Those and all others that --map and --ignore name, as the file calls them. */
  readonly all: readonly string[]
  /** Those of the table, which the file need not have. */
  readonly known: readonly string[]
}

export const NOTHING_WANTED: Wanted = { key: [], all: [], known: [] }

/** How many of the wanted columns a record names. */
export interface Named {
  /** 2 where it is all, 1 where it is the key, else 0. */
  readonly asked: number
  readonly known: number
}

/** @param record the header, perhaps */
export function namedBy(record: SampleRecord | undefined, dialect: Dialect, wanted: Wanted): Named {
  const { all, key, known } = wanted
  if (record === undefined || record.count === 0 || all.length + known.length === 0) return NOTHING_NAMED
  const names = new Set(namesOf(record, dialect).map(fold))
  const has = (name: string): boolean => names.has(fold(name))
  const asked = all.length > 0 && all.every(has) ? 2 : key.length > 0 && key.every(has) ? 1 : 0
  return { asked, known: known.filter(has).length }
}

const NOTHING_NAMED: Named = { asked: 0, known: 0 }

/** The fields of a record as names: trimmed, else as they stand. */
export function namesOf({ fields }: Pick<SampleRecord, 'fields'>, dialect: Dialect): string[] {
  return fields.map((field) => {
    const text = textOf(field, dialect)
    return text.toString(isUtf8(text) ? 'utf8' : 'latin1').trim()
  })
}
