/** Whole copies of a table in JavaScript: what runs and others make of it, without dasy's code. */

/** The values of a row, as PostgreSQL writes them, by column. */
export type Row = Readonly<Record<string, string | null>>
/** By its key. */
export type Rows = ReadonlyMap<string, Row>

/** Numbers by chance, the same for the same seed (mulberry32, Tommy Ettinger). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0 up to a limit, exclusive. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  one<Each>(of: readonly Each[]): Each {
    return of[this.below(of.length)] as Each
  }

  /** Each with a probability. */
  some<Each>(of: readonly Each[], probability: number): Each[] {
    return of.filter(() => this.below(1000) < 1000 * probability)
  }

  is(probability: number): boolean {
    return this.below(1000) < 1000 * probability
  }
}

/** A change as `dasy changes` shows it, without its place. */
export interface ModelChange {
  readonly op: 'insert' | 'update' | 'delete'
  readonly key: Row
  readonly old?: Row
  readonly new?: Row
}

/** What became of each key from one copy to the next, by key. */
export function difference(before: Rows, after: Rows, key: string): ModelChange[] {
  const found: ModelChange[] = []
  for (const id of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const [old, is] = [before.get(id), after.get(id)]
    const named = { key: { [key]: id } }
    if (old && is) {
      const changed = Object.keys(is).filter((name) => old[name] !== is[name])
      const only = (row: Row) => Object.fromEntries(changed.map((name) => [name, row[name] ?? null]))
      if (changed.length > 0) found.push({ op: 'update', ...named, old: only(old), new: only(is) })
    } else if (is) {
      found.push({ op: 'insert', ...named, new: is })
    } else if (old) {
      found.push({ op: 'delete', ...named, old })
    }
  }
  return found
}

/** What taking changes back makes of a table: rows as they would be, and how many changes are in conflict. */
export function takenBack(
  changes: readonly ModelChange[],
  now: Rows,
): { rows: Rows; conflicts: number; gone: number } {
  const rows = new Map(now)
  let [conflicts, gone] = [0, 0]
  for (const { op, key, old = {}, new: left = {} } of changes) {
    const id = Object.values(key)[0] as string
    const row = now.get(id)
    const holds = row && Object.entries(left).every(([name, value]) => row[name] === value)
    if (op === 'delete' && !row) rows.set(id, old)
    else if (op === 'insert' && !row) gone += 1
    else if (op === 'insert' && holds) rows.delete(id)
    else if (op === 'update' && holds) rows.set(id, { ...row, ...old })
    else conflicts += 1
  }
  return { rows, conflicts, gone }
}

/** How many rows have each value of a column; NULL is a value. */
export function countsBy(rows: Rows, column: string): string[] {
  const counts = new Map<string, number>()
  for (const row of rows.values()) {
    const value = JSON.stringify(row[column] ?? null)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].map(([value, count]) => `${value} ${count}`).toSorted()
}
