import type { Colors } from './colors.js'
import { type Command, type Flag, flagsOf, GROUPS } from './command.js'
import { definitions, wrap } from './wrap.js'

export const TAGLINE =
  'Loads CSV files into PostgreSQL: deduplicated, upserted and counted, in one transaction.'

/** Columns. Wider lines are hard to read. */
const WIDEST = 100

/** The page of `dasy --help`. */
export function overview(commands: readonly Command[], columns: number | undefined, colors: Colors): string {
  const width = Math.min(columns || WIDEST, WIDEST)
  return page([
    [`${colors.bold('Usage:')} dasy COMMAND`],
    wrap(TAGLINE, width),
    [
      colors.bold('Commands:'),
      ...definitions(
        commands.map((command) => [usageOf(command), command.describe]),
        width,
      ),
    ],
    ['Each command has its own help: dasy help ingest, or dasy ingest --help'],
  ])
}

/** The page of one command. */
export function helpOf(command: Command, columns: number | undefined, colors: Colors): string {
  const width = Math.min(columns || WIDEST, WIDEST)
  const { describe, positionals = {}, subcommands = [], examples } = command
  const section = (title: string, terms: readonly (readonly [string, string])[]): string[] =>
    terms.length > 0 ? [colors.bold(`${title}:`), ...definitions(terms, width)] : []
  const usages = command.run ? [command, ...subcommands] : subcommands
  return page([
    usages.map((each, index) => `${index === 0 ? colors.bold('Usage:') : '      '} ${usageOf(each)}`),
    wrap(`${describe}.`, width),
    section(
      'Commands',
      subcommands.map((each) => [usageOf(each), each.describe]),
    ),
    section(
      'Arguments',
      Object.entries(positionals).map(([place, each]) => [place.toUpperCase(), each.describe]),
    ),
    ...flagSections(command).map(([title, flags]) =>
      section(
        title,
        flags.map(([name, flag]) => [termOf(name, flag), meaningOf(flag)]),
      ),
    ),
    wrap('Each flag without a value has a --no- form.', width),
    section(examples.length > 1 ? 'Examples' : 'Example', examples),
  ])
}

/** `dasy ingest SOURCE…` */
export function usageOf({ name, positionals = {}, subcommands, run }: Command): string {
  const places = Object.entries(positionals).map(([place, { optional, several }]) => {
    const shown = `${place.toUpperCase()}${several ? '…' : ''}`
    return optional ? `[${shown}]` : shown
  })
  if (subcommands && !run) places.push('COMMAND')
  return ['dasy', name, ...places].join(' ')
}

/** The flags of a command by the headings of their groups. */
export function flagSections(command: Command): (readonly [string, (readonly [string, Flag])[]])[] {
  const flags = Object.entries(flagsOf(command))
  return [undefined, ...GROUPS]
    .map((group) => [group ?? 'Flags', flags.filter(([, flag]) => flag.group === group)] as const)
    .filter(([, own]) => own.length > 0)
}

/** `-t, --table TABLE` */
function termOf(name: string, { alias, type, value = 'VALUE' }: Flag): string {
  return `${alias ? `-${alias}, ` : ''}--${name}${type === 'string' ? ` ${value}` : ''}`
}

/** What a flag means, with its choices and its default. */
export function meaningOf({ describe, choices, default: byDefault, array }: Flag): string {
  const values = choices ? `: ${choices.join(', ')}` : ''
  const notes = [byDefault && `default: ${byDefault}`, array && 'may be repeated'].filter(Boolean)
  return `${describe}${values}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

function page(sections: readonly (readonly string[])[]): string {
  const filled = sections.filter((lines) => lines.length > 0)
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
