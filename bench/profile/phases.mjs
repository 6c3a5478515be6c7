// A run by its phases, as its receipt has them: the time of each, and what client and server used meanwhile.

/**
 * @typedef {import('../measure/usage.mjs').Usage} Usage
 * @typedef {import('../workbench.mjs').Load} Load
 */

const HEAD = 'phase               time   client   server   faults of client and server'

/** The receipt's phases follow each other in this order; the process starts before and ends after. @param {Load} load */
function borders({ seconds, receipt }) {
  const { total, ...parts } = receipt.seconds
  let at = 0
  const phases = Object.entries(parts).map(([name, time]) => {
    const from = at
    at += time
    return { name, from, to: at }
  })
  return [...phases, { name: 'exit', from: total, to: seconds }]
}

/** @param {Load} load @param {import('./sampler.mjs').Sampler} sampler */
export function phaseTable(load, sampler) {
  const rows = borders(load).map(({ name, from, to }) => {
    const { client, server } = sampler.between(from, to)
    return row(name, to - from, client, server)
  })
  return [HEAD, ...rows, row('whole run', load.seconds, load.client, load.server)].join('\n')
}

/** @param {string} name @param {number} time @param {Usage} client @param {Usage} server */
function row(name, time, client, server) {
  const seconds = [time, client.processor, server.processor].map((value) =>
    `${value.toFixed(2)} s`.padStart(9),
  )
  const faults = [client.faults, server.faults].map((value) => value.toLocaleString('en').padStart(11))
  return `${name.padEnd(15)}${seconds.join('')}${faults.join('')}`
}

/** @param {import('./sampler.mjs').Sampler} sampler */
export function kindTable(sampler) {
  const kinds = [...sampler.byKind()].sort(([, one], [, other]) => other.processor - one.processor)
  const rows = kinds
    .filter(([, { faults }]) => faults > 0)
    .map(([kind, { processor, faults, processes }]) => {
      const count = `${kind}${processes > 1 ? `, ${processes} of them` : ''}`
      return `${count.padEnd(36)}${processor.toFixed(2).padStart(6)} s${faults.toLocaleString('en').padStart(11)}`
    })
  return ['processes of the server          processor       faults', ...rows].join('\n')
}
