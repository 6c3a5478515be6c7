import { requireOneExpression } from '../contract/condition.js'
import { badValue } from '../contract/values.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { expression, type Fragment, query } from '../db/sql.js'

/** SQLSTATEs of what is wrong with an expression: syntax and names, a value that its type does not accept, what is not supported there. */
const REFUSED = /^(42(?!501)|22|0A)/

/**
 * Lets PostgreSQL judge a condition over the columns of a table, without running it. It sees no other names than those of the
 * table.
 * @param target the name of the table in SQL
 * @throws DasyError BAD_OPTION with PostgreSQL's reason
 */
export async function requireCondition(
  session: Session,
  flag: string,
  text: string,
  target: Fragment,
): Promise<void> {
  requireOneExpression(flag, text)
  const prepared = query`PREPARE dasy_condition AS SELECT FROM ${target} WHERE ${expression(text)}`
  try {
    // By the protocol that accepts one statement only.
    await session.runExtended(prepared)
  } catch (error) {
    if (!REFUSED.test(sqlState(error) ?? '')) throw error
    throw badValue(flag, text, (error as Error).message)
  }
  await session.run(query`DEALLOCATE dasy_condition`)
}
