// When to strike. Where a moment is too short to be met by looking, a lock held by another session makes it last.
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {import('./scene.mjs').Scene} Scene */
/** @typedef {import('./scene.mjs').Hold} Hold */
/** @typedef {import('./dasy.mjs').Dasy} Dasy */
/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

/**
 * @typedef {object} Moment
 * @property {string} name
 * @property {(scenario: Scenario) => boolean} isIn where it can be met
 * @property {(meeting: Meeting) => Promise<boolean>} reach false: the load ended, or it did not come
 */

const PATIENCE_MS = 60_000
/** More often would take a good part of a processor from what is looked at. */
const LOOK_EVERY_MS = 5

const WAITS = `SELECT count(*) > 0 FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE 'dasy%' AND wait_event_type = 'Lock'`

/** A moment that is waited for, and the locks that make it last. */
export class Meeting {
  /** @type {Hold[]} */
  #holds = []

  /**
   * @param {Scene} scene
   * @param {Dasy} load
   * @param {number} earlier the newest run before this one, 0: none
   */
  constructor(scene, load, earlier) {
    this.scene = scene
    this.load = load
    this.earlier = earlier
  }

  /** @param {() => Promise<boolean>} holds */
  async until(holds) {
    const deadline = Date.now() + PATIENCE_MS
    while (!this.load.over && Date.now() < deadline) {
      if (await holds()) return true
      await sleep(LOOK_EVERY_MS)
    }
    return false
  }

  /** Until the run, which must be this one, is in one of these states. */
  async state(/** @type {string[]} */ ...states) {
    const query = `SELECT state FROM dasy.runs WHERE run > $1 ORDER BY run DESC LIMIT 1`
    return await this.until(async () => states.includes(await this.scene.db.glance(query, [this.earlier])))
  }

  async completed() {
    const query = `SELECT count(*) > 0 FROM dasy.runs WHERE run > $1 AND outcome = 'completed'`
    return await this.until(async () => (await this.scene.db.glance(query, [this.earlier])) === true)
  }

  /** Takes a lock, as soon as what it is taken on is there. */
  async lock(/** @type {string} */ lock) {
    return await this.until(() =>
      this.scene.db.hold(lock).then(
        (hold) => this.#holds.push(hold) > 0,
        () => false,
      ),
    )
  }

  async waits() {
    return await this.until(async () => (await this.scene.db.glance(WAITS)) === true)
  }

  async release() {
    await Promise.all(this.#holds.splice(0).map((hold) => hold()))
  }

  /** Takes a lock and then lets the earlier ones go: what waited for these gets as far as that. */
  async exchange(/** @type {string} */ lock) {
    const earlier = this.#holds.splice(0)
    const taken = await this.lock(lock)
    await Promise.all(earlier.map((hold) => hold()))
    await sleep(20) // they are granted a moment after
    return taken
  }

  /** @returns {Promise<string | undefined>} */
  async stagingTable() {
    const query = `SELECT min(oid::regclass::text) FROM pg_class WHERE relname ~ '^staging_[0-9]+$'`
    let name
    await this.until(async () => {
      name = (await this.scene.db.glance(query)) ?? undefined
      return name !== undefined
    })
    return name
  }

  async coveredBytes() {
    const query = 'SELECT coalesce(sum(end_byte - start_byte), 0)::bigint FROM dasy.ranges WHERE run > $1'
    return Number((await this.scene.db.glance(query, [this.earlier])) ?? 0)
  }
}

/** @type {Moment['isIn']} */
const any = () => true
/** @type {Moment['isIn']} */
const hasTables = ({ before }) => before !== undefined
/** @type {Moment['isIn']} */
const isLoad = ({ kind }) => kind === 'loads'

/**
 * The first of these comes twice in the shortest campaign.
 * @param {number} bytes of the file
 * @returns {Moment[]}
 */
export function momentsOf(bytes) {
  return [
    {
      name: 'right before COMMIT',
      isIn: hasTables,
      // Held up at products it gets to the last statement of the transaction, which notes its end. Only that waits: a foreign
      // key of what it writes before, like the head of the change set, minds a lock FOR UPDATE, but not this one.
      reach: async (m) =>
        (await m.lock('LOCK TABLE products IN SHARE MODE')) &&
        (await m.state('merging')) &&
        (await m.waits()) &&
        (await m.exchange(`SELECT FROM dasy.runs WHERE run > ${m.earlier} FOR NO KEY UPDATE`)) &&
        (await m.waits()),
    },
    {
      name: 'before the run is begun',
      isIn: any,
      // Who has nothing to migrate does not ask whether somebody else does.
      reach: async (m) =>
        (await m.lock(
          !hasTables(m.scene.scenario)
            ? 'SELECT pg_advisory_xact_lock(1684108153, 0)'
            : 'LOCK TABLE dasy.runs IN SHARE MODE',
        )) && (await m.waits()),
    },
    {
      name: 'run begun, no table made',
      isIn: hasTables,
      reach: async (m) => (await m.lock('LOCK TABLE pg_class IN SHARE MODE')) && (await m.waits()),
    },
    {
      name: 'first range, copied but not committed',
      isIn: (scenario) => isLoad(scenario) && hasTables(scenario),
      reach: async (m) => (await m.lock('LOCK TABLE dasy.ranges IN SHARE MODE')) && (await m.waits()),
    },
    {
      name: 'first range committed',
      isIn: isLoad,
      reach: (m) => m.until(async () => (await m.coveredBytes()) > 0),
    },
    {
      name: 'last ranges',
      isIn: isLoad,
      reach: (m) => m.until(async () => (await m.coveredBytes()) > 0.85 * bytes),
    },
    { name: 'staged', isIn: isLoad, reach: (m) => m.state('staged', 'merging') },
    { name: 'merging', isIn: any, reach: (m) => m.state('merging') },
    {
      name: 'waiting for products',
      isIn: hasTables,
      reach: async (m) => (await m.lock('LOCK TABLE products IN SHARE MODE')) && (await m.waits()),
    },
    {
      name: 'waiting for products_agg',
      isIn: hasTables,
      reach: async (m) => (await m.lock('LOCK TABLE products_agg IN SHARE MODE')) && (await m.waits()),
    },
    {
      name: 'waiting to note the change set',
      isIn: hasTables,
      reach: async (m) => (await m.lock('LOCK TABLE dasy.change_sets IN SHARE MODE')) && (await m.waits()),
    },
    {
      name: 'right after COMMIT',
      isIn: any,
      reach: async (m) => {
        if (!m.scene.scenario.stages) return await m.completed()
        // Until it is dropped nothing minds a reader of staging.
        const staging = await m.stagingTable()
        if (!staging || !(await m.lock(`LOCK TABLE ${staging} IN ACCESS SHARE MODE`))) return false
        return (await m.completed()) && (await m.waits())
      },
    },
  ]
}

/**
 * Some time between the start and a little after the usual end.
 * @param {number} ms
 * @returns {Moment}
 */
export function after(ms) {
  return {
    name: 'any time',
    isIn: any,
    reach: async ({ load }) => {
      await Promise.race([sleep(ms), load.ended])
      return !load.over
    },
  }
}
