import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { DasyError, EXIT } from '../../base/errors.js'
import type { Alerts as AlertEntries } from '../../config/config.js'
import type { AlertFacts } from '../../contract/watch-events.js'
import { NotTaken, post } from '../../outbox/post.js'

/** An alert as it is sent. */
export interface AlertMessage {
  readonly type: 'alert.raised' | 'alert.cleared'
  readonly timestamp: string
  readonly data: AlertFacts
}

/** A way to tell people. */
export interface Channel {
  readonly name: 'webhook' | 'command' | 'mail'
  /**
   * @param id stays the same when the message is sent again
   * @throws Error if it was not taken, and is to be sent again
   */
  send(id: string, message: AlertMessage): Promise<void>
}

/** How long a command may take, in milliseconds. */
const COMMAND_MS = 60_000
/** Bytes of what a command says when it fails. */
const MOST_SAID = 1000

/**
 * The channels of a configuration.
 * @throws DasyError BAD_CONFIG if an environment variable is not set, or contains no secret
 */
export function channelsOf({ webhook, command, mail }: AlertEntries): Channel[] {
  return [
    ...(webhook ? [webhookChannel(webhook.url, secretOf(webhook.secretEnv))] : []),
    ...(command ? [commandChannel(command)] : []),
    ...(mail ? [mailChannel(mail, fromEnvironment('alerts.mail.smtpUrlEnv', mail.smtpUrlEnv))] : []),
  ]
}

function secretOf(variable: string | undefined): string[] {
  if (variable === undefined) return []
  const secret = fromEnvironment('alerts.webhook.secretEnv', variable)
  if (/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return [secret]
  throw badVariable('alerts.webhook.secretEnv', variable, 'contains no secret: whsec_ and base64')
}

function fromEnvironment(property: string, variable: string): string {
  const value = process.env[variable]
  if (value) return value
  throw badVariable(property, variable, 'is not set')
}

function badVariable(property: string, variable: string, what: string): DasyError {
  return new DasyError('BAD_CONFIG', `"${property}": the environment variable ${variable} ${what}`, {
    hint: 'Set it for the process that watches.',
    exitStatus: EXIT.usage,
    details: { property, variable },
  })
}

function webhookChannel(url: string, secrets: readonly string[]): Channel {
  return {
    name: 'webhook',
    async send(id, message) {
      await post(url, { id, body: JSON.stringify(message) }, secrets).catch((error) => {
        // Sending it again would be in vain.
        if (!(error instanceof NotTaken) || !error.isGone) throw error
      })
    },
  }
}

function commandChannel([program = '', ...args]: readonly string[]): Channel {
  return {
    name: 'command',
    send: (_, message) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: COMMAND_MS })
        let said = ''
        child.stderr.on('data', (bytes) => {
          said = `${said}${bytes}`.slice(0, MOST_SAID)
        })
        child.on('error', reject)
        child.on('close', (status, signal) => {
          if (status === 0) resolve()
          else reject(new Error(`${program} ended with ${status ?? signal}: ${said.trim()}`))
        })
        // A command need not read it.
        child.stdin.on('error', () => {})
        child.stdin.end(`${JSON.stringify(message)}\n`)
      }),
  }
}

function mailChannel({ to, from }: NonNullable<AlertEntries['mail']>, url: string): Channel {
  const sender = from ?? `dasy@${hostname()}`
  return {
    name: 'mail',
    async send(id, { type, timestamp, data }) {
      const { createTransport } = await import('nodemailer')
      const transport = createTransport(url)
      const { cause, dataset, file, run, message } = data
      const state = type === 'alert.raised' ? cause : `${cause}: well again`
      const facts = { dataset, file, run, since: timestamp }
      const lines = Object.entries(facts).flatMap(([name, value]) =>
        value === null ? [] : `${name}: ${value}`,
      )
      try {
        await transport.sendMail({
          from: sender,
          to: [to].flat(),
          // A name of a file may contain a line end.
          subject: `dasy: ${dataset}: ${state}`.replace(/\p{Cc}/gu, ' '),
          text: `${message}\n\n${lines.join('\n')}\n`,
          messageId: `<${id}@${hostname()}>`,
        })
      } finally {
        transport.close()
      }
    },
  }
}
