// The figures of a measured process.

/**
 * @typedef {import('./process.mjs').Measured & Partial<Pick<import('./workbench.mjs').Load, 'receipt'>> & { wal?: number }} Run
 *
 * @typedef {object} Figure
 * @property {string} name
 * @property {(run: Run) => number} of
 * @property {(value: number) => string} show
 */

const missing = Number.NaN

/** @type {Figure} */
export const seconds = {
  name: 'time',
  of: (run) => run.seconds,
  show: (value) => (value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`),
}

/** @type {Figure} */
export const memory = {
  name: 'resident memory',
  of: (run) => run.megabytes,
  show: (value) => (Number.isNaN(value) ? '' : `${value.toFixed(0)} MB`),
}

/** @type {Figure} */
export const copying = {
  name: 'COPY phase',
  of: (run) => run.receipt?.seconds.copy ?? missing,
  show: seconds.show,
}

/** @type {Figure} */
export const perRecord = {
  name: 'time per record',
  of: (run) => (run.seconds / (run.receipt?.rows.read ?? missing)) * 1e6,
  show: (value) => `${value.toFixed(2)} µs`,
}

/** @type {Figure} */
export const wal = {
  name: 'WAL written',
  of: (run) => run.wal ?? missing,
  show: (value) => `${value.toFixed(2)} MB`,
}

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - (sorted.length % 2 ? 0 : 1)], sorted[middle]]
  return ((low ?? missing) + (high ?? missing)) / 2
}
