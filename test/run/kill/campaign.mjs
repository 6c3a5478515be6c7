// Many rounds: every victim at every moment, and any of them at any time.
import { canResume } from './dasy.mjs'
import { openGrounds } from './grounds.mjs'
import { after, momentsOf } from './moments.mjs'
import { Random } from './random.mjs'
import { Round } from './round.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { victimsOf } from './victims.mjs'

/** @typedef {import('./moments.mjs').Moment} Moment */
/** @typedef {import('./round.mjs').Usual} Usual */
/** @typedef {import('./scenarios.mjs').Scenario} Scenario */
/** @typedef {import('./victims.mjs').Victim} Victim */

/**
 * @typedef {object} CampaignOptions
 * @property {number} rounds
 * @property {number} seed
 * @property {number} records
 * @property {boolean} debian
 * @property {Scenario['kind']} of
 * @property {number | undefined} only plays this round alone
 * @property {(line: string) => void} tell
 */

/** Among so many rounds one is against dasy's own embedded server, which takes longer. */
const EMBEDDED_EVERY = 6

/** @typedef {{ number: number, title: string, kills: import('./round.mjs').Kill[], error?: Error }} Played */

export class Campaign {
  /** @type {Played[]} */
  played = []
  #options
  #grounds
  #scenarios
  #moments
  #victims
  #stopped = false

  /**
   * @param {CampaignOptions} options
   * @param {import('./grounds.mjs').Grounds} grounds
   */
  constructor(options, grounds) {
    this.#options = options
    this.#grounds = grounds
    this.#scenarios = [...grounds.usual.keys()]
    this.#moments = momentsOf(grounds.bytes).filter(({ isIn }) => this.#scenarios.some(isIn))
    this.#victims = victimsOf(options.of)
  }

  /** @param {CampaignOptions} options */
  static async open(options) {
    const scenarios = SCENARIOS.filter(({ kind }) => kind === options.of)
    return new Campaign(options, await openGrounds({ ...options, scenarios }))
  }

  async run() {
    const { rounds, only, tell } = this.#options
    tell(canResume ? 'this dasy can resume' : 'this dasy cannot resume yet: the command is run again')
    const numbers = only === undefined ? Array.from({ length: rounds }, (_, number) => number) : [only]
    for (const number of numbers) {
      if (this.#stopped) break
      await this.#play(number)
    }
  }

  /** No further round begins. */
  stop() {
    this.#stopped = true
  }

  get failures() {
    return this.played.filter(({ error }) => error)
  }

  close() {
    return this.#grounds.close()
  }

  async #play(/** @type {number} */ number) {
    const { own, embedded, usual } = this.#grounds
    const random = new Random(this.#options.seed, number)
    const inEmbedded = number % EMBEDDED_EVERY === EMBEDDED_EVERY - 1
    const { moment, victim, scenario } = this.#choose(number, random, inEmbedded)
    const title = `${victim.name}, ${moment.name}, ${scenario.name}${inEmbedded ? ', embedded server' : ''}`
    const scene = await (inEmbedded ? embedded : own).scene(scenario)
    const round = new Round(scene, /** @type {Usual} */ (usual.get(scenario)), random)
    /** @type {Played} */
    const played = { number, title, kills: round.kills }
    this.played.push(played)
    try {
      await round.play(moment, victim)
    } catch (error) {
      played.error = /** @type {Error} */ (error)
      this.#options.tell(this.#describe(played))
    } finally {
      await scene.close()
    }
  }

  /**
   * The first rounds have each victim and each moment. Then every other one is a further pair of these, until
   * all have been, and every other is at any time. A moment has the scenarios in turn.
   * @param {number} number
   * @param {Random} random
   * @param {boolean} startsServer takes longer then
   */
  #choose(number, random, startsServer) {
    const victims = this.#victims.length
    const pair = number < victims ? number : victims + (number - victims) / 2
    if (Number.isInteger(pair) && pair < victims * this.#moments.length) {
      const victim = /** @type {Victim} */ (this.#victims[pair % victims])
      const moment = this.#momentOf(pair)
      const scenarios = this.#scenarios.filter(moment.isIn)
      const earlier = Array.from({ length: pair }, (_, each) => this.#momentOf(each))
      const turn = this.#options.seed + earlier.filter((each) => each === moment).length
      return { moment, victim, scenario: /** @type {Scenario} */ (scenarios[turn % scenarios.length]) }
    }
    const scenario = random.pick(this.#scenarios)
    const { ms } = /** @type {Usual} */ (this.#grounds.usual.get(scenario))
    return {
      moment: after(random.next() * ms * (startsServer ? 2 : 1.1)),
      victim: random.pick(this.#victims),
      scenario,
    }
  }

  #momentOf(/** @type {number} */ pair) {
    const at = pair + Math.floor(pair / this.#victims.length)
    return /** @type {Moment} */ (this.#moments[at % this.#moments.length])
  }

  #describe(/** @type {Played} */ { number, title, kills, error }) {
    const { seed, records, rounds, debian, of } = this.#options
    const replay = `node scripts/kill-test.mjs --of ${of} --kills ${rounds} --seed ${seed} --records ${records}`
    return [
      `FAILED: round ${number} of seed ${seed}: ${title}`,
      ...kills.map(
        ({ moment, victim, struck }) => `  ${victim}, ${moment}${struck ? '' : ' (nobody there)'}`,
      ),
      `  ${error?.stack?.replaceAll('\n', '\n  ')}`,
      `  again: ${replay} --only ${number}${debian ? ' --debian' : ''}`,
    ].join('\n')
  }
}
