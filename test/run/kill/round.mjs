// One round: a command, a kill, whatever the kill left, and going on until the tables are as after the command.

import { isDeepStrictEqual } from 'node:util'
import { assertNobodyThere, assertNothingLeft, stateOf } from './check.mjs'
import { canResume } from './dasy.mjs'
import { after, Meeting } from './moments.mjs'
import { victimsOf } from './victims.mjs'

/** @typedef {import('./scene.mjs').Scene} Scene */
/** @typedef {import('./moments.mjs').Moment} Moment */
/** @typedef {import('./victims.mjs').Victim} Victim */
/** @typedef {import('./random.mjs').Random} Random */

/**
 * @typedef {object} Usual what a command is that nobody disturbs
 * @property {string[]} args of the command
 * @property {number} ms
 * @property {Record<string, number>} rows of its receipt
 * @property {readonly string[]} structure of the database afterwards
 */

/** @typedef {{ moment: string, victim: string, met: boolean, struck: boolean }} Kill */

/** Interrupted in turn while it goes on, at most so often. */
const MOST_KILLS = 4

export class Round {
  /** @type {Kill[]} */
  kills = []
  #scene
  #usual
  #random
  #earlier = 0
  #hasCrashed = false
  /** @type {number | undefined} the run that was stopped last and can be gone on with */
  #open
  /** @type {number | undefined} the run that made the tables as they are after the command */
  #publisher

  /**
   * @param {Scene} scene
   * @param {Usual} usual
   * @param {Random} random
   */
  constructor(scene, usual, random) {
    this.#scene = scene
    this.#usual = usual
    this.#random = random
  }

  /**
   * @param {Moment} moment
   * @param {Victim} victim
   * @throws Error what does not hold
   */
  async play(moment, victim) {
    const { earlier, kind } = this.#scene.scenario
    this.#earlier = earlier
    let args = this.#usual.args
    for (let goOn = true; goOn; ) {
      await this.#kill(args, moment, victim)
      args = this.#nextCommand()
      goOn = this.kills.length < MOST_KILLS && this.#random.next() < 0.2
      victim = this.#random.pick(victimsOf(kind))
      moment = after(this.#random.next() * this.#usual.ms)
    }
    if (this.#publisher !== undefined && !this.#scene.scenario.again) await this.#refuse(this.#publisher)
    await this.#finish(args)
  }

  /**
   * @param {readonly string[]} args
   * @param {Moment} moment
   * @param {Victim} victim
   */
  async #kill(args, moment, victim) {
    const scene = this.#scene
    const load = scene.start(args)
    const meeting = new Meeting(scene, load, this.#earlier)
    const kill = { moment: moment.name, victim: victim.name, met: false, struck: false }
    this.kills.push(kill)
    try {
      kill.met = await moment.reach(meeting)
      const begun = (await this.#latestRun()) !== undefined
      kill.struck = !load.over && (await victim.strike(scene, load, this.#random))
      this.#hasCrashed ||= kill.struck && victim.crashes === true
      await meeting.release()
      const ending = await load.end()
      const complaint =
        !(await this.#replan(ending)) &&
        (kill.struck ? victim.complain(ending, begun) : ending.status !== 0 && 'nobody was struck')
      if (complaint) throw new Error(`${complaint}: ${load.describe(ending)}`)
      await this.#look(ending.status === 0)
    } finally {
      await meeting.release()
      load.child.kill('SIGKILL')
      await load.ended
    }
  }

  /** As before or as after, and once after for ever after. */
  async #look(/** @type {boolean} */ done) {
    const { db, visit, leave } = this.#scene
    await visit()
    await assertNobodyThere(db)
    const state = await stateOf(db, this.#earlier)
    const completed = await this.#latestRun("outcome = 'completed'")
    this.#open = await this.#latestRun("state <> 'ended'")
    if (done && state === 'before') throw new Error('status 0, but the tables are as before')
    if (this.#publisher !== undefined && state === 'before') throw new Error('what was published is gone')
    if ((state === 'after') !== (completed !== undefined))
      throw new Error(`the tables are as ${state} the command, but completed is run ${completed ?? 'none'}`)
    if (completed !== undefined && this.#publisher === undefined) await this.#published(completed)
    await leave()
  }

  /** What a run says that has completed: that it made all the changes. A change ends those that stopped before it. */
  async #published(/** @type {number} */ run) {
    this.#publisher = run
    const rows = await this.#scene.db.value('SELECT rows FROM dasy.runs WHERE run = $1', [run])
    checkRows(run, rows, this.#usual.rows)
    if (this.#open !== undefined && this.#scene.scenario.kind === 'changes')
      throw new Error(`run ${this.#open} has not ended, though run ${run} did the same`)
  }

  /** The same again, or `dasy resume` where there is a run to go on with. */
  #nextCommand() {
    const { again, resumes } = this.#scene.scenario
    const run = this.#open ?? this.#publisher
    if (!canResume || !resumes || run === undefined) return this.#usual.args
    if (this.#publisher !== undefined && !again) return ['resume', `${this.#publisher}`, '--json']
    if (this.#random.next() < 0.5) return this.#usual.args
    return ['resume', `${run}`, '--json']
  }

  /** A crash empties the staging of a plan. It says so, and the plan is made again. @returns whether that was so */
  async #replan(/** @type {import('./dasy.mjs').Ending} */ { status, stdout }) {
    if (!this.#hasCrashed || status !== 1 || !stdout.includes('"PLAN_LOST"')) return false
    await this.#scene.start([...this.#usual.args, '--replan']).succeed()
    return true
  }

  /** What is not done twice. */
  async #refuse(/** @type {number} */ done) {
    const load = this.#scene.start(this.#usual.args)
    const ending = await load.end()
    if (ending.status !== 1 || !ending.stdout.includes(`run ${done}`))
      throw new Error(`that run ${done} has done it already is not said: ${load.describe(ending)}`)
  }

  /** @param {readonly string[]} args */
  async #finish(args) {
    const { db, start, visit, leave } = this.#scene
    let load = start(args)
    if (await this.#replan(await load.end())) load = start(args)
    const ending = await load.succeed()
    await visit()
    const state = await stateOf(db, this.#earlier)
    if (state !== 'after') throw new Error(`the tables are as ${state} the command: ${load.describe(ending)}`)
    await assertNothingLeft(db, this.#usual.structure)
    await leave()
    this.#checkReceipt(JSON.parse(ending.stdout), args[0] === 'resume')
  }

  /**
   * @param {{ run: number, rows: Record<string, number> }} receipt
   * @param {boolean} resumed
   */
  #checkReceipt(receipt, resumed) {
    const { stages, again } = this.#scene.scenario
    // A command takes over what another one has staged, else it makes a run of its own.
    const same = resumed ? (this.#open ?? this.#publisher) : stages ? this.#open : undefined
    if (canResume && same !== undefined && receipt.run !== same)
      throw new Error(`run ${same} was to be gone on with, not run ${receipt.run}`)
    const { rows } = this.#usual
    const isAnother = this.#publisher !== undefined && receipt.run !== this.#publisher
    const expected = (isAnother && again?.(rows)) || rows
    checkRows(receipt.run, receipt.rows, expected)
  }

  /** @returns {Promise<number | undefined>} */
  async #latestRun(condition = 'true') {
    const query = `SELECT max(run)::int FROM dasy.runs WHERE run > $1 AND ${condition}`
    return (await this.#scene.db.glance(query, [this.#earlier])) ?? undefined
  }
}

/**
 * @param {number} run
 * @param {Record<string, number>} says its receipt
 * @param {Record<string, number>} must
 */
function checkRows(run, says, must) {
  if (isDeepStrictEqual(says, must)) return
  throw new Error(`the receipt of run ${run} says ${JSON.stringify(says)}, not ${JSON.stringify(must)}`)
}
