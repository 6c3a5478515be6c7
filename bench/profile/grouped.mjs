// Map.groupBy, which Node 20 lacks.

/**
 * @template T, K
 * @param {T[]} entries
 * @param {(entry: T) => K} keyOf
 */
export function grouped(entries, keyOf) {
  /** @type {Map<K, T[]>} */
  const groups = new Map()
  for (const entry of entries) {
    const same = groups.get(keyOf(entry))
    if (same) same.push(entry)
    else groups.set(keyOf(entry), [entry])
  }
  return groups
}
