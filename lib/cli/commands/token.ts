import type { Token } from '../../api/tokens.js'
import { EXIT } from '../../base/errors.js'
import { SCOPES } from '../../contract/service-options.js'
import type { Command } from '../command.js'
import { commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { printJson } from '../json.js'
import { printable } from '../printable.js'

const NAME = { name: { describe: 'The name of the token' } }

const createCommand: Command = {
  name: 'token create',
  describe: 'Make a token, and print it: it is shown only now',
  positionals: NAME,
  options: {
    scope: {
      type: 'string',
      value: 'SCOPE',
      choices: SCOPES,
      default: 'read',
      describe: 'read: look; write: also load and change; admin: also tokens and webhooks',
    },
    expires: {
      type: 'string',
      value: 'TIME',
      describe: 'How long it is valid: 12h, 90d (default: for ever)',
    },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [['dasy token create shop --scope write --expires 90d', 'for a program that loads files']],
  run: async (argv) => {
    const { createToken } = await import('../../api/tokens.js')
    const { scope, expires } = argv
    const made = await createToken(argv.name, { ...toDatabaseOptions(argv), scope, expires })
    if (argv.json) printJson(made)
    else process.stdout.write(`${made.token}\n`)
    return EXIT.done
  },
}

const listCommand: Command = {
  name: 'token list',
  describe: 'List the tokens, without their secrets',
  options: { ...databaseOption, ...commonOptions },
  examples: [['dasy token list', 'also those that are revoked or have ended']],
  run: async (argv) => {
    const { tokens } = await import('../../api/tokens.js')
    const found: Token[] = await tokens(toDatabaseOptions(argv))
    if (argv.json) printJson(found)
    else if (!argv.quiet) {
      const { renderTokens } = await import('../tokens-table.js')
      process.stdout.write(renderTokens(found, process.stdout.columns || undefined))
    }
    return EXIT.done
  },
}

const revokeCommand: Command = {
  name: 'token revoke',
  describe: 'Revoke a token: nobody gets in by it any more',
  positionals: NAME,
  options: { ...databaseOption, ...commonOptions },
  examples: [['dasy token revoke shop', 'its name is free again']],
  run: async (argv) => {
    const { revokeToken } = await import('../../api/tokens.js')
    const revoked = await revokeToken(argv.name, toDatabaseOptions(argv))
    if (argv.json) printJson(revoked)
    else if (!argv.quiet) process.stdout.write(`the token ${printable(revoked.name)} is revoked\n`)
    return EXIT.done
  },
}

export const tokenCommand: Command = {
  name: 'token',
  describe: 'Who may use the service: create, list, revoke',
  synonyms: ['tokens', 'auth', 'apikey', 'key', 'login'],
  examples: [['dasy token create shop --scope write', 'prints a token']],
  subcommands: [createCommand, listCommand, revokeCommand],
}
