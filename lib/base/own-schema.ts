/** The schema for dasy's own objects. Users' tables do not belong there. */
export const OWN_SCHEMA = 'dasy'

/** The schema of the job queue. */
export const QUEUE_SCHEMA = 'dasy_queue'

export const OWN_SCHEMAS: readonly string[] = [OWN_SCHEMA, QUEUE_SCHEMA]
