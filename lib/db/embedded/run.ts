import { spawn } from 'node:child_process'

/** A user of the operating system, in the form that `spawn` takes. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

export interface Ran {
  readonly ok: boolean
  /** What it printed, or why it did not start. */
  readonly output: string
}

/** Runs a program to its end. Never rejects: a program that does not start counts as failed. */
export function run(
  program: string,
  args: readonly string[],
  options: { as?: Identity | undefined; input?: string } = {},
): Promise<Ran> {
  return new Promise<Ran>((resolve) => {
    // Not in dasy's working directory, which the other user may be unable to enter.
    const child = spawn(program, args, {
      cwd: process.platform === 'win32' ? undefined : '/',
      env: environment(),
      windowsHide: true,
      ...options.as,
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', (error) => resolve({ ok: false, output: error.message }))
    child.once('close', (code) => resolve({ ok: code === 0, output: output.trim() }))
    // A program that ends without reading its input breaks the pipe; only its exit status counts.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  }).catch((error: Error) => ({ ok: false, output: error.message })) // spawn throws some errors directly
}

/**
 * The environment of the server and its tools: the user's, without the PG* variables, which apply to another server, and in
 * English, so that the log is the same everywhere.
 */
export function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  // Under cron and su, root's PATH lacks the folder of useradd.
  const path = process.platform === 'win32' ? {} : { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  return { ...Object.fromEntries(own), ...path, LC_ALL: 'C', GLIBC_TUNABLES: tunables() }
}

/**
 * Has glibc ask for huge pages (2 MiB) for large sorts and hash tables, where the system allows it: 3,000 page faults of an
 * index build are then 400. Other C libraries ignore it, and what the user has set stays.
 */
function tunables(): string {
  const given = process.env.GLIBC_TUNABLES ?? ''
  return /glibc\.malloc\.hugetlb=/.test(given) ? given : `${given && `${given}:`}glibc.malloc.hugetlb=1`
}
