import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { parse as parseDotenv } from 'dotenv'
import { parse as parseUrl } from 'pg-connection-string'
import { DasyError, EXIT, reasonOf } from '../base/errors.js'
import type { Connection, Tls } from './client.js'

/** The database of a command: a server that the user names, or the embedded one. */
export type DatabaseChoice =
  | { readonly kind: 'server'; readonly connection: Connection }
  | { readonly kind: 'embedded'; readonly home: string }

type Environment = Record<string, string | undefined>

/**
 * The environment of the process, with the variables of a `.env` file that it does not have itself.
 * @throws DasyError ENV_UNREADABLE
 */
export function readEnvironment(directory = process.cwd()): Environment {
  const file = join(directory, '.env')
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return { ...process.env }
  try {
    return { ...parseDotenv(readFileSync(file)), ...process.env }
  } catch (error) {
    throw new DasyError('ENV_UNREADABLE', `${file} cannot be read: ${reasonOf(error)}`, {
      hint: 'Check its permissions, or remove it.',
    })
  }
}

/**
 * `databaseUrl`, else DATABASE_URL, else the PG* variables, else the embedded server under DASY_HOME.
 * @throws DasyError BAD_DATABASE_URL, UNKNOWN_SERVICE
 */
export function chooseDatabase(databaseUrl: string | undefined, environment: Environment): DatabaseChoice {
  if (databaseUrl !== undefined)
    return { kind: 'server', connection: fromUrl(databaseUrl, '--database-url', environment) }
  const url = environment.DATABASE_URL
  if (url) return { kind: 'server', connection: fromUrl(url, 'DATABASE_URL', environment) }
  const named = ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGSERVICE'].some((name) => environment[name])
  if (named) return { kind: 'server', connection: complete(fromService(environment), environment) }
  return { kind: 'embedded', home: resolve(environment.DASY_HOME || '.dasy') }
}

/** The settings of a connection that a URL or a service gives. */
type GivenSettings = { -readonly [Name in keyof Connection]?: Connection[Name] | undefined }

/** @param from the flag or variable that has the URL, for the error. The URL itself may contain a password. */
function fromUrl(url: string, from: string, environment: Environment): Connection {
  let parsed: ReturnType<typeof parseUrl>
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('it does not start with postgresql://')
    parsed = parseUrl(url, { useLibpqCompat: true })
  } catch (error) {
    // The message of the URL parser may contain the URL and so the password.
    const why = error instanceof TypeError ? 'it is not a URL' : (error as Error).message
    throw new DasyError('BAD_DATABASE_URL', `${from} is not a connection URL: ${why}`, {
      hint: 'Its form is postgresql://user:password@host:5432/database',
      exitStatus: EXIT.usage,
    })
  }
  const { host, port, user, password, database, ssl, options } = parsed
  return complete(
    {
      host: host || undefined,
      port: port ? portNumber(port, from) : undefined,
      user: user || undefined,
      password: password || undefined,
      database: database || undefined,
      ssl: plainTls(ssl),
      options,
    },
    environment,
  )
}

/** Adds the defaults, which are those of libpq. */
function complete(given: GivenSettings, environment: Environment): Connection {
  const port = given.port ?? portNumber(environment.PGPORT || '5432', 'PGPORT')
  const user = given.user ?? environment.PGUSER ?? userInfo().username
  const password = given.password ?? environment.PGPASSWORD
  const ssl = given.ssl ?? sslMode(environment.PGSSLMODE)
  const options = given.options ?? environment.PGOPTIONS
  const timeout = Number(environment.PGCONNECT_TIMEOUT)
  return {
    host: given.host ?? environment.PGHOST ?? defaultHost(port),
    port,
    user,
    database: given.database ?? environment.PGDATABASE ?? user,
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
    ...(options !== undefined && { options }),
    ...(timeout > 0 && { connectTimeoutMs: timeout * 1000 }),
  }
}

/** The local socket if there is one, like psql. */
function defaultHost(port: number): string {
  const directory = '/var/run/postgresql'
  return existsSync(`${directory}/.s.PGSQL.${port}`) ? directory : 'localhost'
}

function portNumber(text: string, where: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new DasyError('BAD_DATABASE_URL', `${where}: port "${text}" is not a number from 1 to 65535`, {
    hint: 'PostgreSQL listens on port 5432 by default.',
    exitStatus: EXIT.usage,
  })
}

/** PGSSLMODE as libpq defines it, except "prefer": node-postgres cannot fall back from TLS, so that means no TLS. */
function sslMode(mode: string | undefined): Tls | undefined {
  switch (mode) {
    case undefined:
    case '':
    case 'disable':
    case 'allow':
    case 'prefer':
      return undefined
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { verifyHost: false }
    case 'verify-full':
      return true
    default:
      throw new DasyError('BAD_DATABASE_URL', `PGSSLMODE: unknown mode "${mode}"`, {
        hint: 'The modes are disable, allow, prefer, require, verify-ca and verify-full.',
        exitStatus: EXIT.usage,
      })
  }
}

/** The TLS settings of a URL without functions, because a connection is passed to worker threads. */
function plainTls(ssl: unknown): Tls | undefined {
  if (typeof ssl !== 'object' || ssl === null) return ssl === true ? true : undefined
  const { checkServerIdentity, ...plain } = ssl as Record<string, unknown>
  return checkServerIdentity === undefined ? plain : { ...plain, verifyHost: false }
}

/** Reads the section of pg_service.conf that PGSERVICE names, because node-postgres does not. */
function fromService(environment: Environment): GivenSettings {
  const service = environment.PGSERVICE
  if (!service) return {}
  const files = [
    environment.PGSERVICEFILE ?? join(homedir(), '.pg_service.conf'),
    join(environment.PGSYSCONFDIR ?? '/etc/postgresql-common', 'pg_service.conf'),
  ]
  for (const file of files) {
    if (!existsSync(file)) continue
    const settings = section(readFileSync(file, 'utf8'), service)
    if (!settings) continue
    return {
      host: settings.host,
      port: settings.port ? portNumber(settings.port, `the service "${service}"`) : undefined,
      user: settings.user,
      password: settings.password,
      database: settings.dbname,
      ssl: sslMode(settings.sslmode),
      options: settings.options,
    }
  }
  throw new DasyError('UNKNOWN_SERVICE', `PGSERVICE: the service "${service}" is not defined`, {
    hint: `dasy searched ${files.join(' and ')}.`,
    exitStatus: EXIT.usage,
  })
}

function section(text: string, name: string): Record<string, string> | undefined {
  let found: Record<string, string> | undefined
  let inside = false
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      inside = line === `[${name}]`
      if (inside) found ??= {}
    } else if (inside && found) {
      const at = line.indexOf('=')
      if (at > 0) found[line.slice(0, at).trim()] = line.slice(at + 1).trim()
    }
  }
  return found
}
