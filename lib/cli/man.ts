import { EXIT } from '../base/errors.js'
import { type Command, type Flag, withSubcommands } from './command.js'
import { commands } from './commands.js'
import { flagSections, meaningOf, TAGLINE, usageOf } from './help.js'

/** The meaning of each exit status; docs/errors.md lists the status of each error. */
const STATUSES: Record<keyof typeof EXIT, string> = {
  done: 'done',
  failed: 'failed; the target table is as it was',
  usage: 'wrong usage: an unknown flag or command, an invalid value, a missing argument',
  rejected: 'more rejects than --max-rejects allows; the run can be resumed with another limit',
  unreachable: 'the database cannot be reached, or refuses the connection',
  differs: 'an aggregate differs from its table (only aggregate --check --dry-run)',
  interrupted: 'interrupted (Ctrl-C); the run can be resumed',
}

const ENVIRONMENT = [
  ['DATABASE_URL', 'The database, unless --database-url names one.'],
  [
    'PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSERVICE, PGSSLMODE',
    'The database, in the variables of psql, unless DATABASE_URL names one.',
  ],
  ['DASY_HOME', 'The folder of the embedded PostgreSQL (default: .dasy in the working directory).'],
  ['NO_COLOR, FORCE_COLOR', 'Never or always use colors.'],
] as const

/** The man page, made from the same descriptions as --help. */
export function manPage(version: string): string {
  return [
    `.TH DASY 1 "" "dasy ${version}" "User Commands"`,
    '.SH NAME',
    `dasy \\- ${escaped('load CSV files into PostgreSQL')}`,
    '.SH SYNOPSIS',
    '.B dasy',
    '.I COMMAND',
    '[\\fIARGUMENT\\fR ...]',
    '.SH DESCRIPTION',
    escaped(TAGLINE),
    'Loads CSV from files, pipes and URLs into a table by its key,',
    'and keeps the number of rows per value of a column up to date.',
    '.SH COMMANDS',
    ...withSubcommands(commands).flatMap(commandLines),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([name, status]) =>
      term(`${status}`, STATUSES[name as keyof typeof EXIT]),
    ),
    '.SH ENVIRONMENT',
    'A file .env in the working directory is read; the environment takes precedence.',
    ...ENVIRONMENT.flatMap(([name, meaning]) => term(name, meaning)),
    '.SH FILES',
    ...term('dasy.config.json', 'Describes datasets: their files, how to read these, and their table.'),
    ...term('.dasy', 'The embedded PostgreSQL.'),
    '',
  ].join('\n')
}

function commandLines(command: Command): string[] {
  const { describe, positionals = {}, examples, run } = command
  const head = [`.SS ${quoted(usageOf(command))}`, `${escaped(describe)}.`]
  if (!run) return head
  return [
    ...head,
    ...Object.entries(positionals).flatMap(([place, each]) => term(place.toUpperCase(), each.describe)),
    ...flagSections(command).flatMap(([title, flags]) => [
      '.PP',
      `${escaped(title)}:`,
      ...flags.flatMap(([name, flag]) => ['.TP', flagTerm(name, flag), escaped(meaningOf(flag))]),
    ]),
    '.PP',
    'Examples:',
    ...examples.flatMap(([line, what]) => ['.TP', `.B ${quoted(line)}`, escaped(what)]),
  ]
}

function flagTerm(name: string, { alias, type, value = 'VALUE' }: Flag): string {
  const long = `\\fB\\-\\-${escaped(name)}\\fR${type === 'string' ? ` \\fI${escaped(value)}\\fR` : ''}`
  return alias ? `\\fB\\-${alias}\\fR, ${long}` : long
}

function term(name: string, meaning: string): string[] {
  return ['.TP', `.B ${quoted(name)}`, escaped(meaning)]
}

/** An argument of a roff request, in quotes because it may contain blanks. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`
}

/** Text escaped for roff: a backslash escapes, a dash is a hyphen, a leading dot or quote begins a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^[.]/, '\\&.')
}
