import { EXIT } from '../../base/errors.js'
import { PRIVATE_USES, type ServiceEvent } from '../../contract/service-options.js'
import {
  type Arguments,
  type Command,
  camelCase,
  commonOptions,
  concurrencyOption,
  databaseOption,
  toDatabaseOptions,
  usageError,
} from '../command.js'
import { privateFlags } from '../flags/private.js'
import { configFlag } from '../flags/reading.js'
import { toJson } from '../json.js'
import { wholeNumber } from '../load-options.js'
import { printable } from '../printable.js'
import { interruptible } from '../signals.js'

export const serveCommand: Command = {
  name: 'serve',
  isLogged: true,
  describe: 'Serve all of this over HTTP, with a web page, until it is stopped',
  synonyms: ['server', 'http', 'web', 'api', 'ui', 'start'],
  options: {
    port: { type: 'string', value: 'N', default: '8080', describe: 'The port; 0 for any that is free' },
    host: {
      type: 'string',
      value: 'HOST',
      default: '127.0.0.1',
      describe: 'The address to listen on: 0.0.0.0 for all of this host',
    },
    'tls-cert': {
      type: 'string',
      value: 'FILE',
      completes: 'file',
      describe: 'Serve https with this certificate (PEM)',
    },
    'tls-key': { type: 'string', value: 'FILE', completes: 'file', describe: 'The key of the certificate' },
    'max-upload': { type: 'string', value: 'SIZE', default: '10GiB', describe: 'The largest upload' },
    'public-url': {
      type: 'string',
      value: 'URL',
      describe: 'The address that clients use, if another server stands before it',
    },
    'trust-proxy': {
      type: 'string',
      value: 'CIDR',
      describe: 'The addresses of that server, whose X-Forwarded-For is believed',
    },
    work: {
      type: 'boolean',
      describe: 'Load in this process too (default); --no-work leaves that to "dasy work"',
    },
    ...concurrencyOption,
    ...privateFlags,
    ...configFlag,
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy serve', 'at http://127.0.0.1:8080; the first time it shows a token to sign in with'],
    ['dasy serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem', 'for other hosts, by https'],
    ['dasy serve --no-work', 'only take requests; "dasy work" loads'],
  ],
  run: async (argv) => {
    const { json, quiet, host, maxUpload, publicUrl, trustProxy, work, config } = argv
    const port = wholeNumber('--port', argv.port)
    const concurrency = wholeNumber('--concurrency', argv.concurrency)
    const showsToken = process.stdout.isTTY ?? false
    const onServiceEvent = (event: ServiceEvent): void => {
      if (json) process.stdout.write(toJson(event))
      else if (!quiet) process.stdout.write(linesOf(event))
    }
    const tls = tlsOf(argv)
    const allowPrivate = PRIVATE_USES.filter((use) => argv[camelCase(`allow-private-${use}`)])
    const address = { port, host, tls, publicUrl, trustProxy }
    const options = { ...address, maxUpload, work, concurrency, config, allowPrivate, showsToken }
    const { serve } = await import('../../service/serve.js')
    await interruptible((signal) => serve({ ...toDatabaseOptions(argv), ...options, onServiceEvent, signal }))
    return EXIT.done
  },
}

function tlsOf({ tlsCert: cert, tlsKey: key }: Arguments): { cert: string; key: string } | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert !== undefined && key !== undefined) return { cert, key }
  throw usageError(
    `--${cert ? 'tls-cert' : 'tls-key'} alone serves no https`,
    'Give both --tls-cert and --tls-key.',
  )
}

function linesOf({ type, data }: ServiceEvent): string {
  if (type === 'serve.stopped') return ''
  const { url, token, tokenFile } = data
  const lines = [`dasy serves at ${url}`]
  if (token !== null) lines.push(`Sign in with this token, which is shown only now: ${token}`)
  if (tokenFile !== null) lines.push(`The token to sign in with is in ${printable(tokenFile)}`)
  return lines.map((line) => `${line}\n`).join('')
}
