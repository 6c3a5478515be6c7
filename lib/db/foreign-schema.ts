import { DasyError } from '../base/errors.js'
import type { Session } from './session.js'
import { statement } from './sql.js'

interface ForeignCode {
  readonly what: string
  readonly owner: string
}

/**
 * A role with fewer rights may have made the schema dasy, as it should or as a trap: what is in it and is not as dasy makes it
 * would run with the rights of whoever uses dasy next. See "Whose code runs as whom" in docs/architecture.md.
 * @throws DasyError FOREIGN_SCHEMA
 */
export async function refuseForeignSchema(session: Session): Promise<void> {
  const listed = await session.rows<ForeignCode & { relation: number | null }>(
    statement('catalog/foreign_schema'),
  )
  const relations = listed.flatMap(({ relation }) => (relation === null ? [] : [relation]))
  const found = [
    ...listed.filter(({ relation }) => relation === null),
    ...(relations.length > 0 ? await foreignCodeOf(session, relations) : []),
  ]
  if (found.length === 0) return
  const owners = ownersOf(found)
  throw new DasyError(
    'FOREIGN_SCHEMA',
    `in the schema dasy there is code of ${owners.join(', ')} that dasy has not made, and would run with the rights of this role, which may do more: ${namesOf(found)}`,
    {
      hint: 'Find out why it is there, and drop it. What an older version has made: let its owner run "dasy migrate up".',
      details: { owners, code: found.map(({ what }) => what) },
    },
  )
}

/** What of the tables runs code of roles that have fewer rights than this one. */
export function foreignCodeOf(session: Session, relations: readonly number[]): Promise<ForeignCode[]> {
  return session.rows<ForeignCode>(statement('catalog/foreign_code'), [relations])
}

export function ownersOf(found: readonly ForeignCode[]): string[] {
  return [...new Set(found.map(({ owner }) => owner))]
}

export function namesOf(found: readonly ForeignCode[]): string {
  return found.map(({ what }) => what).join(', ')
}
