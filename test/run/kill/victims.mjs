// Whom to strike, how, and which ways to end that leaves to the load.
import { setTimeout as sleep } from 'node:timers/promises'
import { canResume } from './dasy.mjs'
import { send } from './processes.mjs'

/** @typedef {import('./scene.mjs').Scene} Scene */
/** @typedef {import('./dasy.mjs').Dasy} Dasy */
/** @typedef {import('./dasy.mjs').Ending} Ending */
/** @typedef {import('./random.mjs').Random} Random */

/**
 * @typedef {object} Victim
 * @property {string} name
 * @property {(scene: Scene, load: Dasy, random: Random) => Promise<boolean>} strike false: there was nobody to strike
 * @property {boolean} [crashes] the server loses what is not logged
 * @property {boolean} [ofLoads] only a load has it
 * @property {(ending: Ending, begun: boolean) => string | undefined} complain what is wrong with how the load ended
 */

/** It ends at once where it is quiet; longer than this it waits for something that does not come. */
const INTERRUPTED_WITHIN_S = 60

/** As long it may take to act on a signal; where it takes longer, a kill comes to less. */
const REACTION_MS = 1000

/**
 * @param {NodeJS.Signals} signal
 * @param {number} times
 * @returns {Victim['strike']}
 */
function signals(signal, times = 1) {
  return async (_scene, load, random) => {
    const struck = !load.over
    load.send(signal)
    if (times > 1) {
      await sleep(random.next() * 100)
      load.send(signal)
    }
    // What holds it up is let go afterwards: then it could be done before it has come to act on the signal.
    await Promise.race([load.ended, sleep(REACTION_MS)])
    return struck
  }
}

/** @type {Victim['complain']} */
function interrupted({ status, signal, seconds }) {
  // Before it has come to listen, the signal itself ends it; after COMMIT it is done.
  if (status !== 130 && status !== 0 && signal === null) return `status ${status} instead of 130`
  if (seconds > INTERRUPTED_WITHIN_S) return `it took ${seconds.toFixed(1)} s to end`
  return undefined
}

/** @type {Victim['complain']} */
function goesOnByItself({ status, stdout }, begun) {
  if (status === 0 || (!(canResume && begun) && (status === 1 || status === 4))) return undefined
  // It had not come to its run yet: a server that cannot be reached then is told at once.
  if (status === 4 && stdout.includes('"run":null')) return undefined
  return `status ${status}: it must go on by itself`
}

/**
 * @param {string} names of its session, a LIKE pattern
 * @param {boolean} [hard] `kill -9`, after which the server throws everybody out
 * @returns {Victim['strike']}
 */
function backend(names, hard = false) {
  return async ({ db }) => {
    const pid = await db.glance(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE $1 LIMIT 1`,
      [names],
    )
    if (!pid) return false
    if (hard) send(pid, 'SIGKILL')
    else await db.glance('SELECT pg_terminate_backend($1)', [pid])
    return true
  }
}

/**
 * @param {import('./server.mjs').Downfall} how
 * @returns {Victim['strike']}
 */
function server(how) {
  return async (scene, _load, random) => {
    if (scene.postmaster() === 0) return false
    await scene.down(how)
    await sleep(random.next() * 500)
    await scene.up()
    return true
  }
}

/** @type {readonly Victim[]} */
const VICTIMS = [
  { name: 'dasy, SIGTERM', strike: signals('SIGTERM'), complain: interrupted },
  { name: 'server, SIGKILL', strike: server('SIGKILL'), complain: goesOnByItself, crashes: true },
  {
    name: 'postmaster, SIGKILL',
    strike: server('postmaster'),
    complain: goesOnByItself,
    crashes: true,
  },
  { name: 'worker thread', strike: signals('SIGUSR2'), complain: workerThread, ofLoads: true },
  { name: "worker's backend", strike: backend('dasy worker%'), complain: goesOnByItself, ofLoads: true },
  { name: 'dasy, SIGKILL', strike: signals('SIGKILL'), complain: () => undefined },
  { name: 'server, immediate shutdown', strike: server('SIGQUIT'), complain: goesOnByItself, crashes: true },
  { name: 'dasy, SIGINT', strike: signals('SIGINT'), complain: interrupted },
  { name: 'main backend', strike: backend('dasy'), complain: goesOnByItself },
  { name: 'main backend, SIGKILL', strike: backend('dasy', true), complain: goesOnByItself, crashes: true },
  {
    name: "worker's backend, SIGKILL",
    strike: backend('dasy worker%', true),
    complain: goesOnByItself,
    crashes: true,
    ofLoads: true,
  },
  { name: 'helper backend', strike: backend('dasy helper'), complain: goesOnByItself, ofLoads: true },
  { name: 'server, fast restart', strike: server('SIGINT'), complain: goesOnByItself },
  { name: 'dasy, SIGINT twice', strike: signals('SIGINT', 2), complain: interrupted },
]

/** @type {Victim['complain']} */
function workerThread({ status, signal }) {
  // Before it has come to listen the signal ends it.
  if (status === 0 || status === 1 || signal === 'SIGUSR2') return undefined
  return `status ${status} after a worker thread's death`
}

/** @returns {readonly Victim[]} */
export function victimsOf(/** @type {import('./scenarios.mjs').Scenario['kind']} */ kind) {
  return VICTIMS.filter(({ ofLoads }) => !ofLoads || kind === 'loads')
}
