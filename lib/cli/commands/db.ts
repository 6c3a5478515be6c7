import { resolve } from 'node:path'
import type { ServerStatus } from '../../db/embedded/server.js'
import { EXIT, type ExitStatus } from '../../errors.js'
import { type Command, commonOptions, toDatabaseOptions } from '../command.js'
import { confirm, notConfirmed } from '../confirm.js'
import { printJson } from '../json.js'

const ACTIONS = ['start', 'stop', 'status', 'url', 'destroy'] as const

export const dbCommand: Command = {
  name: 'db',
  describe: 'The embedded PostgreSQL: start, stop, status, url, destroy',
  positionals: { action: { describe: ACTIONS.join(', '), choices: ACTIONS } },
  options: {
    ...commonOptions,
    yes: { type: 'boolean', alias: 'y', describe: 'destroy: do not ask' },
  },
  examples: [
    ['dasy db start', 'start it, and let it run until "dasy db stop"'],
    ['psql "$(dasy db url)"', 'a session in it'],
  ],
  async run({ action, json, quiet, yes }): Promise<ExitStatus> {
    const wanted = action as (typeof ACTIONS)[number]
    const { EmbeddedServer } = await import('../../db/embedded/server.js')
    const { readEnvironment } = await import('../../db/environment.js')
    const home = resolve(readEnvironment().DASY_HOME || '.dasy')
    const { note } = toDatabaseOptions({ quiet })
    const server = new EmbeddedServer({ home, ...(note && { note }) })
    const say = (facts: object, text: string): void => {
      if (json) printJson(facts)
      else if (!quiet) process.stdout.write(`${text}\n`)
    }
    switch (wanted) {
      case 'start': {
        const status = await server.keep()
        say(status, describe(status))
        break
      }
      case 'stop': {
        const stopped = await server.stop()
        say({ stopped }, stopped ? 'stopped' : 'it was not running')
        break
      }
      case 'status': {
        const status = await server.status()
        say(status, describe(status))
        break
      }
      case 'url': {
        const url = await server.url()
        process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `${url}\n`)
        break
      }
      case 'destroy': {
        if (
          !yes &&
          process.stdin.isTTY &&
          !(await confirm(`Remove the database under ${home}, with all its tables?`))
        ) {
          throw notConfirmed()
        }
        await server.destroy()
        say({ destroyed: true }, `removed what was under ${home}`)
      }
    }
    return EXIT.done
  },
}

function describe(status: ServerStatus): string {
  const { running, pid, host, port, version, stays, dataDirectory, home } = status
  if (!running)
    return `not running${dataDirectory ? `; its data is in ${dataDirectory}` : `; nothing is in ${home} yet`}`
  const until = stays ? 'until "dasy db stop"' : 'until the last command leaves'
  return `PostgreSQL ${version} runs on ${host}:${port} (process ${pid}), ${until}; its data is in ${dataDirectory}`
}
