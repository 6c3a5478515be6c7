/** The schema for dasy's own objects. Users' tables do not belong there. */
export const OWN_SCHEMA = 'dasy'

/** With the schema of the job queue. */
export const OWN_SCHEMAS: readonly string[] = [OWN_SCHEMA, 'dasy_queue']
