// What a campaign has to show: a line for each victim and each moment.

/** @param {readonly import('./campaign.mjs').Played[]} played */
export function summaryOf(played) {
  const lines = []
  for (const kind of /** @type {const} */ (['victim', 'moment'])) {
    const counts = /** @type {Map<string, { survived: number, failed: number, missed: number }>} */ (
      new Map()
    )
    for (const { kills, error } of played) {
      for (const kill of kills) {
        const count = counts.get(kill[kind]) ?? { survived: 0, failed: 0, missed: 0 }
        counts.set(kill[kind], count)
        if (error && kill === kills.at(-1)) count.failed += 1
        else if (kind === 'victim' ? kill.struck : kill.met) count.survived += 1
        else count.missed += 1
      }
    }
    lines.push(`by ${kind}:`)
    for (const [name, { survived, failed, missed }] of [...counts].sort()) {
      const more = [failed && `${failed} FAILED`, missed && `${missed} came to nothing`].filter(Boolean)
      lines.push(
        `  ${name.padEnd(40)} ${`${survived}`.padStart(5)} survived${more.map((each) => `, ${each}`).join('')}`,
      )
    }
  }
  return lines
}

/** @param {readonly import('./campaign.mjs').Played[]} played */
export function totalOf(played) {
  const struck = played.flatMap(({ kills }) => kills).filter((kill) => kill.struck).length
  const failed = played.filter(({ error }) => error).length
  return `${struck} kills in ${played.length} rounds, ${failed} rounds failed`
}
