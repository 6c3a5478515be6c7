// What a load costs by record, at each size of its file.
import { clientProcessor, faults, median, memory, processor, seconds, serverProcessor } from './figures.mjs'

/**
 * @typedef {import('./figures.mjs').Run & { temporary: number }} Run `temporary`: bytes of sorts and hash tables in files
 * @typedef {import('./runner.mjs').SideResult} SideResult whose name is its number of records
 */

/** @type {[string, (run: Run, records: number) => number, (value: number) => string][]} */
const COLUMNS = [
  ['time', seconds.of, seconds.show],
  ['µs a record', (run, records) => (run.seconds / records) * 1e6, two],
  ['COPY', (run, records) => phase(run, 'copy', records), two],
  ['merge', (run, records) => phase(run, 'merge', records), two],
  ['aggregate', (run, records) => phase(run, 'aggregate', records), two],
  ['client µs', (run, records) => (clientProcessor.of(run) / records) * 1e6, two],
  ['server µs', (run, records) => (serverProcessor.of(run) / records) * 1e6, two],
  ['faults a record', (run, records) => faults.of(run) / records, two],
  ['temporary B', (run, records) => run.temporary / records, (value) => value.toFixed(0)],
  ['memory', memory.of, memory.show],
]

/** @param {number} value */
function two(value) {
  return value.toFixed(2)
}

/** @param {Run} run @param {'copy' | 'merge' | 'aggregate'} name @param {number} records */
function phase(run, name, records) {
  return ((run.receipt?.seconds[name] ?? Number.NaN) / records) * 1e6
}

/** @param {SideResult[]} results */
export function growthTable(results) {
  const rows = results.map(({ name, runs }) => {
    const cells = COLUMNS.map(([, of, show]) => show(medianOf(runs, (run) => of(run, Number(name)))))
    return [Number(name).toLocaleString('en'), ...cells]
  })
  const head = ['records', ...COLUMNS.map(([title]) => title)]
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
  )
  const lines = [head, ...rows].map((row) =>
    row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  '),
  )
  return [...lines, ...factors(results)].join('\n')
}

/** How much more a record costs than at the smallest size. @param {SideResult[]} results */
function factors(results) {
  const perRecord = results.map(({ name, runs }) => ({
    records: Number(name),
    time: medianOf(runs, seconds.of) / Number(name),
    processor: medianOf(runs, processor.of) / Number(name),
  }))
  const [first, ...others] = perRecord
  if (!first) return []
  return others.map(({ records, time, processor }) => {
    const [more, worked] = [time / first.time, processor / first.processor]
    return `a record of ${records.toLocaleString('en')} takes ${two(more)} times as long as one of ${first.records.toLocaleString('en')}, and ${two(worked)} times the processor seconds`
  })
}

/** @param {import('./figures.mjs').Run[]} runs @param {(run: Run) => number} of */
function medianOf(runs, of) {
  return median(runs.map((run) => of(/** @type {Run} */ (run))))
}

/** The same for a program. @param {SideResult[]} results */
export function growthNumbers(results) {
  return results.map(({ name, runs }) => ({
    records: Number(name),
    ...Object.fromEntries(
      COLUMNS.map(([title, of]) => [title, medianOf(runs, (run) => of(run, Number(name)))]),
    ),
  }))
}
