/** What dasy keeps for itself; no table of a user's belongs there. */
export const OWN_SCHEMA = 'dasy'
