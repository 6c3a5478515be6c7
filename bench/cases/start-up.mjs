// The start of a command, before it does anything.
import { seconds } from '../figures.mjs'
import { PROGRAM } from '../workbench.mjs'

const LEAST_TIMES = 20

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'start-up',
  what: 'small commands, against Node doing nothing',
  async plan(bench, { times }) {
    const sides = [
      { name: 'node -e 0', run: () => bench.measure(process.execPath, ['-e', '0']) },
      { name: 'dasy --version', run: () => bench.measure(process.execPath, [PROGRAM, '--version']) },
      {
        name: 'dasy runs',
        run: () => bench.measure(process.execPath, [PROGRAM, 'runs', '--database-url', bench.url]),
      },
    ]
    return {
      sides,
      times: Math.max(LEAST_TIMES, times),
      claims: [
        { of: 'dasy --version', to: 'node -e 0', figure: seconds, must: 3, aim: 2 },
        { of: 'dasy runs', to: 'node -e 0', figure: seconds, must: 6, aim: 4 },
      ],
    }
  },
}
