import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { folder } from '../support/files.js'
import type { Step } from './page.js'

/** What became of a step. */
export interface Done {
  readonly status: number
  /** Standard output and standard error, as a terminal shows them. */
  readonly output: string
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/**
 * Commands that the pages print and that run here without their effect, with the reason. All others run as they are.
 */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  npm: '.ci/run installs, builds and tests in a fresh clone; here that is done already',
  tap: 'this test is one of those that it runs',
  docker: 'it needs a daemon, and downloads images',
}

/** Programs that a machine may lack: a command that calls one of them is left out there. */
const OPTIONAL = ['psql', 'pg_dump', 'curl', 'gzip', 'xz', 'zstd', 'unzip', 'pgloader', 'git']

/** The programs of the pages: the real dasy, under both of its names. */
function makePrograms(home: string): string {
  const bin = join(home, 'programs')
  mkdirSync(bin)
  const dasy = `exec '${process.execPath}' '${path('../../bin/dasy.js')}' "$@"`
  const programs: Record<string, string> = {
    dasy,
    npx: 'exec "$@"',
    ...Object.fromEntries(Object.keys(WITHOUT_EFFECT).map((name) => [name, 'exit 0'])),
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return bin
}

/**
 * Runs the steps of a page in one shell, as somebody does who goes through it: folders, variables and files that one
 * command leaves are there for the next. It stops at the first that ends otherwise than the page says.
 */
export async function runSteps(
  t: Test,
  steps: readonly Step[],
  { cwd, env, adminUrl }: { cwd: string; env: Record<string, string>; adminUrl: string },
): Promise<(Done | undefined)[]> {
  const home = folder(t)
  const results = join(home, 'results')
  mkdirSync(results)
  const bin = makePrograms(home)
  const { PATH = '' } = process.env
  const script = steps.map((step, number) => scriptOf(step, join(results, `${number}`), adminUrl)).join('\n')
  const child = spawn('bash', ['-s'], {
    cwd,
    env: { PATH: `${bin}${delimiter}${PATH}`, HOME: home, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  t.teardown(() => endGroup(child.pid))
  child.stdin.end(script)
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  return steps.map((_, number) => readDone(join(results, `${number}`)))
}

/** Whatever is left of the shell, if the test ends before it. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing is left.
  }
}

/** It leaves FILE.output and FILE.status. */
function scriptOf(step: Step, file: string, adminUrl: string): string {
  switch (step.kind) {
    case 'file':
      return `mkdir -p "$(dirname '${step.name}')"; ${hereDocument(`cat > '${step.name}'`, step.text)}`
    case 'sql': {
      const run = `DATABASE_URL='${adminUrl}' '${process.execPath}' '${path('./run-sql.mjs')}'`
      return recorded(hereDocument(run, step.text), file, 0)
    }
    case 'command':
      return lacks(step.text) ? '' : recorded(`${step.text} `, file, step.status)
    default:
      return ''
  }
}

function recorded(command: string, file: string, status: number): string {
  return `{ ${command}\n} < /dev/null > '${file}.output' 2>&1; echo $? > '${file}.status'
[ "$(cat '${file}.status')" = ${status} ] || exit`
}

function hereDocument(command: string, text: string): string {
  return `${command} << 'END OF BLOCK'\n${text}\nEND OF BLOCK`
}

/** The program that a command needs and this machine has not. */
export function lacks(command: string): string | undefined {
  const words = command.replace(/#.*$/gm, '').split(/[\s;|&()"$]+/)
  return OPTIONAL.find((name) => words.includes(name) && !isInstalled(name))
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

function readDone(file: string): Done | undefined {
  if (!existsSync(`${file}.status`)) return undefined
  return {
    status: Number(readFileSync(`${file}.status`, 'utf8')),
    output: readFileSync(`${file}.output`, 'utf8'),
  }
}
