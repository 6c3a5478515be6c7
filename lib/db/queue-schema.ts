import { DasyError } from '../base/errors.js'
import type { Session } from './session.js'
import { statement } from './sql.js'

/**
 * Whether there is a queue in this database.
 * @throws DasyError FOREIGN_SCHEMA if the schema dasy_queue is something else
 */
export async function isQueueThere(session: Session): Promise<boolean> {
  const schema = await queueSchema(session)
  if (schema?.foreign)
    throw new DasyError(
      'FOREIGN_SCHEMA',
      'the schema dasy_queue contains relations that dasy did not create',
      {
        hint: 'dasy needs this name for its queue. Rename the schema: ALTER SCHEMA dasy_queue RENAME TO ...',
      },
    )
  return schema?.queue ?? false
}

/** Whether there is a queue that can be removed: an empty schema of its name, too, is one that was begun. */
export async function isQueueToBeRemoved(session: Session): Promise<boolean> {
  const schema = await queueSchema(session)
  return schema !== undefined && !schema.foreign
}

function queueSchema(session: Session): Promise<{ queue: boolean; foreign: boolean } | undefined> {
  return session.row<{ queue: boolean; foreign: boolean }>(statement('db/is_queue_schema'))
}
