import { OWN_SCHEMAS } from '../base/own-schema.js'
import { badValue } from './values.js'

export interface TableName {
  readonly schema: string | undefined
  readonly name: string
}

/**
 * Parses `table` or `schema.table`; a part in double quotes may contain any character.
 * @param what the flag or argument, as errors name it
 * @throws DasyError BAD_OPTION
 */
export function parseTableName(text: string, what = '--table'): TableName {
  const part = '("(?:[^"]|"")+"|[^".]+)'
  const found = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text.trim())
  const [schema, name] = [found?.[1], found?.[2]].map((each) =>
    each?.startsWith('"') ? each.slice(1, -1).replaceAll('""', '"') : each,
  )
  if (name === undefined) throw badValue(what, text, 'must be TABLE or SCHEMA.TABLE')
  for (const each of [schema, name]) {
    if (each !== undefined && Buffer.byteLength(each) > 63)
      throw badValue(what, text, 'a name can have at most 63 bytes')
  }
  if (schema !== undefined && OWN_SCHEMAS.includes(schema))
    throw badValue(what, text, `the schema ${schema} is reserved for dasy itself`)
  return { schema, name }
}

/**
 * A name as it is shown and stored. Parsed again it is the same name: a table that is called "a.b" must not be taken for the table b of
 * the schema a.
 */
export function displayName({ schema, name }: TableName): string {
  return schema === undefined ? displayPart(name) : `${displayPart(schema)}.${displayPart(name)}`
}

function displayPart(part: string): string {
  return /[."]/.test(part) || part.trim() !== part ? `"${part.replaceAll('"', '""')}"` : part
}
