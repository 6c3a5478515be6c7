import t from 'tap'
import { DasyError } from '../../lib/base/errors.js'
import { connectionFailure, sqlState, statementFailure } from '../../lib/db/failures.js'
import { isBusy, isTransient, withoutRetry } from '../../lib/db/retry.js'

const CONNECTION = { host: 'db.example', port: 5432, user: 'ann', database: 'shop', password: 'secret' }

function serverError(code: string): Error {
  return Object.assign(new Error('text'), { code, severity: 'ERROR' })
}

function systemError(code: string): Error {
  return Object.assign(new Error('text'), { code })
}

t.test('the SQLSTATE decides whether a statement is retried', async (t) => {
  for (const code of ['40001', '40P01', '53100', '53200', '53300', '57P01', '57P03', '57P05', '08006'])
    t.ok(isTransient(statementFailure(serverError(code))), code)
  for (const code of ['23505', '42501', '42P01', '57014', '53400', '25006', '55P03', 'XX000'])
    t.notOk(isTransient(statementFailure(serverError(code))), code)
})

t.test('a parallel worker that is gone is a lost connection', async (t) => {
  // As PostgreSQL says it at times when its first process is killed: "lost connection to parallel worker".
  const lost = Object.assign(serverError('55000'), { file: 'parallel.c' })
  t.ok(isTransient(statementFailure(lost)))
  t.notOk(isTransient(statementFailure(Object.assign(serverError('55000'), { file: 'sequence.c' }))))
})

t.test('the code of the system decides whether connecting is retried', async (t) => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', '57P03', '53300'])
    t.ok(isTransient(connectionFailure(systemError(code), CONNECTION)), code)
  for (const code of ['ENOTFOUND', '28P01', '28000', '3D000'])
    t.notOk(isTransient(connectionFailure(systemError(code), CONNECTION)), code)
  t.ok(isBusy(connectionFailure(systemError('53300'), CONNECTION)))
  t.notOk(isBusy(connectionFailure(systemError('ECONNREFUSED'), CONNECTION)))
})

t.test('other errors are not retried', async (t) => {
  for (const error of [new Error('text'), 'text', undefined, new DasyError('EMPTY_FILE', 'text')])
    t.notOk(isTransient(error))
})

t.test('a mistake in the program is no lost connection', async (t) => {
  for (const error of [new TypeError('x is not a function'), new ReferenceError('x is not defined')]) {
    t.match(statementFailure(error), { code: 'INTERNAL', message: error.message })
    t.notOk(isTransient(statementFailure(error)))
  }
})

t.test('an error without retry is a copy: asking changes nothing', async (t) => {
  const lost = statementFailure(systemError('ECONNRESET'))
  const copy = withoutRetry(lost)
  t.notOk(isTransient(copy))
  t.ok(isTransient(lost), 'the original is as it was')
  const { code, message, hint, exitStatus, details } = lost
  t.match(copy, { code, message, hint, exitStatus, details })
  t.equal(copy.cause, lost.cause)
  const other = new TypeError('text')
  t.equal(withoutRetry(other), other)
})

t.test('errors say what happened, and never a password', async (t) => {
  const refused = connectionFailure(systemError('ECONNREFUSED'), CONNECTION)
  t.match(refused, { code: 'CONNECTION_FAILED', exitStatus: 4, hint: /No server listens there/ })
  t.match(refused.message, 'db.example:5432, database "shop", user "ann"')
  t.notMatch(refused.message, 'secret')
  const several = new AggregateError([systemError('ECONNREFUSED'), systemError('ETIMEDOUT')])
  t.equal(
    sqlState(connectionFailure(several, CONNECTION)),
    'ECONNREFUSED',
    'of a host with several addresses',
  )

  t.match(statementFailure(serverError('42501')), { code: 'PERMISSION_DENIED', exitStatus: 1 })
  t.match(statementFailure(serverError('XX000')), { code: 'DATABASE_ERROR' })
  t.match(statementFailure(serverError('57P01')), { code: 'CONNECTION_LOST', exitStatus: 4 })
  t.match(
    statementFailure(systemError('ECONNRESET')),
    { code: 'CONNECTION_LOST' },
    'no severity: not from the server',
  )
  const detailed = Object.assign(serverError('23505'), { detail: 'Key (a)=(1) already exists.' })
  t.equal(statementFailure(detailed).message, 'text: Key (a)=(1) already exists.')
  t.equal(statementFailure(refused), refused)
})
