import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What fuzzing came to, and all that somebody needs who wants to see a failure again. */
export class Report {
  /** @type {string[]} */
  failures = []
  files = 0
  #totals = { mutations: 0, loaded: 0, rejected: 0, unharmed: 0, unusable: 0 }

  /** @param {import('./case.mjs').Case} kase @param {import('./check.mjs').Result} result */
  add(kase, { problems, loaded, rejected, unharmed }) {
    const totals = this.#totals
    this.files += 1
    totals.mutations += kase.damaged.mutations.length
    totals.loaded += loaded
    totals.rejected += rejected
    totals.unharmed += unharmed
    if (loaded + rejected === 0) totals.unusable += 1
    if (problems.length > 0) this.failures.push(describe(kase, problems))
  }

  summary() {
    const { mutations, loaded, rejected, unharmed, unusable } = this.#totals
    return (
      `${this.files} files with ${mutations} mutations: ${loaded} rows loaded, ${rejected} records rejected, ` +
      `${unharmed} far from any damage, ${unusable} files that hold nothing to load; ` +
      `${this.failures.length} failures`
    )
  }
}

/** Keeps the file. @param {import('./case.mjs').Case} kase @param {string[]} problems */
function describe({ seed, number, material, key, rangeSize, damaged }, problems) {
  const kept = join(tmpdir(), `dasy-fuzz-${seed}-${number}.csv`)
  writeFileSync(kept, damaged.bytes)
  return [
    `case ${number} of seed ${seed}: ${material}, by ${key}, ranges of ${rangeSize} bytes`,
    ...damaged.mutations.map((mutation) => `  ${mutation}`),
    ...problems.map((problem) => `  * ${problem}`),
    `  the file: ${kept}`,
    `  again: node scripts/fuzz.mjs --seed ${seed} --only ${number}`,
  ].join('\n')
}
