import { DasyError } from '../base/errors.js'
import type { Session } from './session.js'
import { list, number, statement } from './sql.js'

export interface ForeignCode {
  readonly what: string
  readonly owner: string
}

/**
 * Refuses a schema dasy or dasy_queue that contains code of roles with fewer rights than this one. Such a role may have created the
 * schema, and its code would run with the rights of everyone who uses dasy. See "Whose code runs as whom" in
 * docs/architecture.md.
 * @throws DasyError FOREIGN_SCHEMA
 */
export async function refuseForeignSchema(session: Session): Promise<void> {
  const listed = await session.planned<ForeignCode & { relation: number | null }>(
    statement('db/foreign_schema'),
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
    `the schema dasy or dasy_queue contains code of ${owners.join(', ')} that dasy did not create, and that would run with the rights of this role, which has more: ${namesOf(found)}`,
    {
      hint: 'Find out why it is there, and drop it. If an older version of dasy created it, let its owner run "dasy migrate up".',
      details: { owners, code: found.map(({ what }) => what) },
    },
  )
}

/** The code of roles with fewer rights than this one that writing to these tables would run. */
export function foreignCodeOf(session: Session, relations: readonly number[]): Promise<ForeignCode[]> {
  const tables = list(relations.map(number))
  return session.planned<ForeignCode>(statement('db/foreign_code', { tables }))
}

export function ownersOf(found: readonly ForeignCode[]): string[] {
  return [...new Set(found.map(({ owner }) => owner))]
}

export function namesOf(found: readonly ForeignCode[]): string {
  return found.map(({ what }) => what).join(', ')
}
