import type { Test } from 'tap'
import { type CliOptions, dasy } from './cli.js'

export interface Failure {
  readonly status: number
  /** As docs/errors.md has it. */
  readonly code: string | RegExp
  /** What the message or the hint must name: the flag, the file, the line, the remedy. */
  readonly says: readonly (string | RegExp)[]
}

/** `error` as `--json` prints it. */
export interface CliError {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly run: number | null
  readonly rows: Record<string, number | null> | null
}

/** Without the line that says how a source is taken to be written. */
export function withoutReading(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: on a terminal the rest of its line is cleared first
  return output.replace(/^(\x1b\[K)?dasy: .+: \w+, .*header: .+\r?\n/m, '')
}

/** That a command fails for people as it must: nothing on standard output, what and what to do on standard error. */
export async function failsForPeople(
  t: Test,
  args: readonly string[],
  { status, says }: Omit<Failure, 'code'>,
  options?: CliOptions,
): Promise<void> {
  const result = await dasy(args, options)
  const line = `dasy ${args.join(' ')}`
  t.equal(result.status, status, `${line}: status ${status}`)
  t.equal(result.stdout, '', `${line}: nothing on standard output`)
  t.match(
    withoutReading(result.stderr),
    /^dasy: \S.*\n( +\S.*\n)*$/,
    `${line}: an error and what to do about it`,
  )
  t.notMatch(result.stderr, /^ +at |fault in dasy/m, `${line}: no fault of dasy`)
  for (const what of says) names(t, result.stderr, what, line)
}

/** That a command fails for programs as it must: one object on standard output. */
export async function failsForPrograms(
  t: Test,
  args: readonly string[],
  { status, code, says }: Failure,
  options?: CliOptions,
): Promise<CliError> {
  const result = await dasy([...args, '--json'], options)
  const line = `dasy ${args.join(' ')} --json`
  t.equal(result.status, status, `${line}: status ${status}`)
  const answer = result.json<{ error: CliError }>()
  t.same(Object.keys(answer), ['error'], `${line}: an error and nothing else`)
  const { error } = answer
  t.match(error, { code, message: /./ }, `${line}: ${code} and a message`)
  for (const field of ['hint', 'run', 'rows']) t.hasProp(error, field, `${line}: it has ${field}`)
  for (const what of says) names(t, `${error.message}\n${error.hint}`, what, line)
  return error
}

/** Both, for a command whose first failure changes nothing. */
export async function failsBothWays(
  t: Test,
  args: readonly string[],
  failure: Failure,
  options?: CliOptions,
): Promise<CliError> {
  await failsForPeople(t, args, failure, options)
  return await failsForPrograms(t, args, failure, options)
}

function names(t: Test, text: string, what: string | RegExp, line: string): void {
  const found = typeof what === 'string' ? text.includes(what) : what.test(text)
  t.ok(found, `${line}: says ${what}`, { found: text })
}
