import { resolve } from 'node:path'
import { EXIT } from '../../base/errors.js'
import { Events } from '../../contract/events.js'
import type { EmbeddedServer, ServerStatus } from '../../db/embedded/server.js'
import { type Arguments, type Command, commonOptions, toDatabaseOptions, yesFlag } from '../command.js'
import { confirm } from '../confirm.js'
import { printJson } from '../json.js'

export const dbCommand: Command = {
  name: 'db',
  describe: 'Control the embedded PostgreSQL server, which is used if no other database is named',
  synonyms: ['database', 'server', 'postgres'],
  options: commonOptions,
  examples: [
    ['dasy db start', 'start it, and keep it running until "dasy db stop"'],
    ['psql "$(dasy db url)"', 'connect to it'],
  ],
  subcommands: [
    {
      name: 'db start',
      describe: 'Start the embedded server, and keep it running until "dasy db stop"',
      options: commonOptions,
      examples: [
        ['dasy db start', 'other commands start and stop it by themselves; this one keeps it running'],
      ],
      run: on(async (server, argv) => {
        const status = await server.keep()
        say(argv, status, describe(status))
      }),
    },
    {
      name: 'db stop',
      describe: 'Stop the embedded server',
      options: commonOptions,
      examples: [['dasy db stop', 'a clean shutdown, also if other commands use the server']],
      run: on(async (server, argv) => {
        const stopped = await server.stop()
        say(argv, { stopped }, stopped ? 'stopped' : 'not running')
      }),
    },
    {
      name: 'db status',
      describe: 'Show whether the embedded server is running, and where',
      options: commonOptions,
      examples: [['dasy db status --json', 'for a program']],
      run: on(async (server, argv) => {
        const status = await server.status()
        say(argv, status, describe(status))
      }),
    },
    {
      name: 'db url',
      describe: 'Print the connection string of the embedded server, with its password',
      options: commonOptions,
      examples: [['psql "$(dasy db url)"', 'connect to it; the server must be running']],
      run: on(async (server, argv) => {
        const url = await server.url()
        if (argv.json) printJson({ url })
        else process.stdout.write(`${url}\n`)
      }),
    },
    {
      name: 'db destroy',
      describe: 'Remove the embedded database with all its tables',
      options: { ...yesFlag, ...commonOptions },
      examples: [['dasy db destroy --yes', 'without a confirmation']],
      run: on(async (server, argv, home) => {
        await confirm('dasy db destroy', `Remove the database under ${home}, with all its tables?`, argv)
        await server.destroy()
        say(argv, { destroyed: true }, `removed the database under ${home}`)
      }),
    },
  ],
}

function on(
  work: (server: EmbeddedServer, argv: Arguments, home: string) => Promise<void>,
): NonNullable<Command['run']> {
  return async (argv) => {
    const [{ EmbeddedServer }, { readEnvironment }] = await Promise.all([
      import('../../db/embedded/server.js'),
      import('../../db/environment.js'),
    ])
    const home = resolve(readEnvironment().DASY_HOME || '.dasy')
    const { onEvent } = toDatabaseOptions(argv)
    await work(new EmbeddedServer({ home, note: onEvent && new Events(onEvent).note }), argv, home)
    return EXIT.done
  }
}

function say({ json, quiet }: Arguments, facts: object, text: string): void {
  if (json) printJson(facts)
  else if (!quiet) process.stdout.write(`${text}\n`)
}

function describe(status: ServerStatus): string {
  const { running, pid, host, port, version, stays, dataDirectory, home } = status
  if (!running)
    return `not running${dataDirectory ? `; its data is in ${dataDirectory}` : `; there is no database in ${home} yet`}`
  const until = stays ? 'until "dasy db stop"' : 'until the last command ends'
  return `PostgreSQL ${version} runs on ${host}:${port} (process ${pid}), ${until}; its data is in ${dataDirectory}`
}
