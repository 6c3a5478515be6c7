import t from 'tap'
import { DasyError } from '../../lib/base/errors.js'
import { fromPlain, toPlain } from '../../lib/load/protocol.js'
import { isRefusal, Miscounted, reasonOf } from '../../lib/load/refusal.js'

t.test('an error keeps all of its fields on its way between threads', async (t) => {
  const error = new DasyError('SOURCE_CHANGED', 'it has changed', {
    hint: 'Load it again.',
    details: { file: 'a.csv' },
    exitStatus: 1,
  })
  const received = fromPlain(structuredClone(toPlain(error)))
  t.type(received, DasyError)
  const { code, message, hint, details, exitStatus } = error
  t.match(received, { code, message, hint, details, exitStatus })
})

t.test('an error that is not one of dasy keeps message and stack', async (t) => {
  const error = new TypeError('x is undefined')
  const received = fromPlain(structuredClone(toPlain(error)))
  t.notOk(received instanceof DasyError)
  t.equal(received.message, error.message)
  t.equal(received.stack, error.stack)
})

t.test('what COPY refuses is told from what fails for another reason', async (t) => {
  const postgres = (code: string, message = 'no') => Object.assign(new Error(message), { code })
  const failed = (code: string) =>
    new DasyError('DATABASE_ERROR', 'no', { details: { sqlState: code }, cause: postgres(code) })
  t.equal(isRefusal(failed('22P04')), true, 'bad copy file format')
  t.equal(isRefusal(failed('54000')), true, 'a limit')
  t.equal(isRefusal(failed('53100')), false, 'a full disk')
  t.equal(isRefusal(new Miscounted(1, 2)), true)
  t.equal(isRefusal(new Error('ECONNRESET')), false)
})

t.test('a reason is one line without control characters', async (t) => {
  t.equal(reasonOf(new Error('invalid byte\nLINE 1')), 'invalid byte')
  t.equal(reasonOf(new Error('outer', { cause: new Error('in\u0007ner\r\nmore') })), 'in ner')
})
