// The machine and versions of a measurement; without them a figure means nothing.
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { versionOf } from './process.mjs'
import { measureSpeed, speedLines } from './speed.mjs'

/** @typedef {Awaited<ReturnType<typeof describeMachine>>} Machine */

/** Measures it, too, so nothing else may be measured at the same time. @param {import('../workbench.mjs').Workbench} bench */
export async function describeMachine(bench) {
  const load = loadavg().map((each) => Number(each.toFixed(2)))
  const [server] = await bench.sql('SHOW server_version')
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${release()}`,
    node: process.version,
    postgresql: String(server.server_version),
    psql: versionOf('psql') ?? null,
    pgloader: versionOf('pgloader') ?? null,
    load,
    speed: await measureSpeed(),
  }
}

/** @param {Machine} machine */
export function machineLines(machine) {
  return [`${machineLine(machine)}, ${machine.date}`, ...speedLines(machine.speed)]
}

/** @param {Machine} machine */
export function machineLine({ processor, cores, memory, postgresql, node }) {
  return `${processor}, ${cores} cores, ${memory}, PostgreSQL ${postgresql}, Node ${node.slice(1)}`
}

/** Other load makes figures worse, most of all for a program that uses many processors. @param {Machine} machine */
export function busyWarning({ load: [lastMinute = 0], cores }) {
  if (lastMinute < cores / 2) return undefined
  return `The machine was busy, with a load of ${lastMinute} before the first measurement: the figures are worth less.`
}

/** A case by itself causes a load of little more than one for each processor. @param {Machine} machine */
export function loadNotes({ cores }) {
  const [lastMinute = 0] = loadavg()
  return lastMinute > cores + 1 ? [`the load was ${lastMinute.toFixed(1)}: other programs were running`] : []
}
