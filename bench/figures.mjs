// The figures of a measured process.

/**
 * @typedef {import('./workbench.mjs').Ran & Partial<Pick<import('./workbench.mjs').Load, 'receipt'>> & { wal?: number, work?: number }} Run
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
export const clientProcessor = {
  name: 'processor seconds of the client',
  of: (run) => run.client.processor,
  show: (value) => `${value.toFixed(2)} s`,
}

/** @type {Figure} */
export const serverProcessor = {
  ...clientProcessor,
  name: 'processor seconds of the server',
  of: (run) => run.server.processor,
}

/** @type {Figure} */
export const processor = {
  ...clientProcessor,
  name: 'processor seconds',
  of: (run) => run.client.processor + run.server.processor,
}

/** @type {Figure} */
export const clientFaults = {
  name: 'page faults of the client',
  of: (run) => run.client.faults,
  show: (value) => Math.round(value).toLocaleString('en'),
}

/** @type {Figure} */
export const serverFaults = {
  ...clientFaults,
  name: 'page faults of the server',
  of: (run) => run.server.faults,
}

/** @type {Figure} */
export const faults = {
  ...clientFaults,
  name: 'page faults',
  of: (run) => run.client.faults + run.server.faults,
}

/** @type {Figure} */
export const memory = {
  name: 'resident memory',
  of: (run) => run.megabytes,
  show: (value) => `${value.toFixed(0)} MB`,
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

/** The part of a run that a case is about. @type {Figure} */
export const work = {
  name: 'time of the work itself',
  of: (run) => run.work ?? missing,
  show: seconds.show,
}

/** All that the results contain. @type {Figure[]} */
export const figures = [
  seconds,
  processor,
  clientProcessor,
  serverProcessor,
  faults,
  clientFaults,
  serverFaults,
  memory,
  copying,
  perRecord,
  wal,
  work,
]

/** Of those that are known; NaN if none is. @param {number[]} numbers */
export function median(numbers) {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - (sorted.length % 2 ? 0 : 1)], sorted[middle]]
  return ((low ?? missing) + (high ?? missing)) / 2
}
