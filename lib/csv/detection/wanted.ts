import { isUtf8 } from 'node:buffer'
import { fold } from '../../base/fold.js'
import type { Dialect } from '../dialect.js'
import { textOf } from '../lenient.js'
import type { SampleRecord } from '../sample.js'

/** The columns that a load requests. A delimiter under which the header names them is the right one. */
export interface Wanted {
  /** The columns of the key. */
  readonly key: readonly string[]
  /** Those, and all that --map and --ignore name, by their names in the file. */
  readonly all: readonly string[]
  /** The columns of the table, which the file need not have. */
  readonly known: readonly string[]
}

/** Which of the requested columns a record names. */
export interface Named {
  /** 2 if it names all of them, 1 if it names the key, else 0. */
  readonly asked: number
  /** The number of the table's columns that it names. */
  readonly known: number
}

/** @param record what may be the header */
export function namedBy(record: SampleRecord | undefined, dialect: Dialect, wanted: Wanted): Named {
  const { all, key, known } = wanted
  if (record === undefined || record.count === 0 || all.length + known.length === 0) return NOTHING_NAMED
  const names = new Set(namesOf(record, dialect).map(fold))
  const has = (name: string): boolean => names.has(fold(name))
  const asked = all.length > 0 && all.every(has) ? 2 : key.length > 0 && key.every(has) ? 1 : 0
  return { asked, known: known.filter(has).length }
}

const NOTHING_NAMED: Named = { asked: 0, known: 0 }

/** The fields of a record as names: trimmed, otherwise unchanged. */
export function namesOf({ fields }: Pick<SampleRecord, 'fields'>, dialect: Dialect): string[] {
  return fields.map((field) => {
    const text = textOf(field, dialect)
    return text.toString(isUtf8(text) ? 'utf8' : 'latin1').trim()
  })
}
