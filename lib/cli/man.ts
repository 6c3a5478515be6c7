import { EXIT } from '../base/errors.js'
import { type Command, type Flag, withSubcommands } from './command.js'
import { commands } from './commands.js'
import { flagSections, meaningOf, TAGLINE, usageOf } from './help.js'

/** What each exit status means; docs/errors.md says which error ends with which. */
const STATUSES: Record<keyof typeof EXIT, string> = {
  done: 'done',
  failed: 'failed; the target table is as it was',
  usage: 'wrong usage: an unknown flag or command, a bad value, a missing argument',
  rejected: 'stopped by a limit of yours; the run can be resumed with another one',
  unreachable: 'the database cannot be reached, or refuses',
  differs: 'something differs (only aggregate --check --dry-run)',
  interrupted: 'interrupted (Ctrl-C); the run can be resumed',
}

const ENVIRONMENT = [
  ['DATABASE_URL', 'The database, where --database-url does not name one.'],
  ['PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSERVICE, PGSSLMODE', 'The same, as psql takes them.'],
  ['DASY_HOME', 'Where the embedded PostgreSQL keeps its data (.dasy in the working directory).'],
  ['NO_COLOR, FORCE_COLOR', 'Whether colors are used.'],
] as const

/** The manual, made of what --help shows. */
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
    'Loads CSV from files, pipes and URLs into a table by the table\\(aqs key,',
    'and keeps the counts of rows by a column right.',
    '.SH COMMANDS',
    ...withSubcommands(commands).flatMap(commandLines),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([name, status]) =>
      term(`${status}`, STATUSES[name as keyof typeof EXIT]),
    ),
    '.SH ENVIRONMENT',
    'A file .env in the working directory is read; the environment beats it.',
    ...ENVIRONMENT.flatMap(([name, meaning]) => term(name, meaning)),
    '.SH FILES',
    ...term('dasy.config.json', 'Describes datasets: which files, into which table, how they are read.'),
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

/** An argument of a request, in which a blank would end it. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`
}

/** Text as roff takes it: a backslash escapes, a dash would be a hyphen, a leading dot or quote begins a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^[.]/, '\\&.')
}
