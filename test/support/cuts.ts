/** The default way, and one with many workers that cuts the file wherever it can be cut. */
export const CUTS = [{ workers: 1 }, { workers: 5, rangeSize: 10 }]
