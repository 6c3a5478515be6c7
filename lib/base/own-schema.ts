/** What dasy keeps for itself; no table of a user's belongs there. */
export const OWN_SCHEMA = 'dasy'

/** The job queue has one as well. */
export const OWN_SCHEMAS: readonly string[] = [OWN_SCHEMA, 'dasy_queue']
