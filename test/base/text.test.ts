import t from 'tap'
import { count } from '../../lib/base/count.js'
import { nearest } from '../../lib/base/did-you-mean.js'
import { DasyError, internal, reasonOf } from '../../lib/base/errors.js'
import { fold, isPosition } from '../../lib/base/fold.js'

t.test('numbers have commas between thousands', async (t) => {
  for (const [value, text] of [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [466_693, '466,693'],
    [1_234_567, '1,234,567'],
  ] as const)
    t.equal(count(value), text)
})

t.test('a misspelt name leads to the most similar one, and a different name to none', async (t) => {
  const names = ['workers', 'work-mem', 'encoding', 'key']
  for (const [asked, expected] of [
    ['worker', 'workers'],
    ['Workers', 'workers'],
    ['encodign', 'encoding'],
    ['keys', 'key'],
    ['workmem', 'work-mem'],
    ['delimiter', undefined],
    ['', undefined],
  ] as const)
    t.equal(nearest(asked, names), expected, asked)
})

t.test('names are equal without case, spaces and underscores', async (t) => {
  t.equal(fold('Unit  Price_EUR'), fold('unitprice eur'))
  t.not(fold('unit-price'), fold('unit price'))
})

t.test('a column can be named by its number', async (t) => {
  for (const name of ['1', '42', '9999']) t.ok(isPosition(name), name)
  for (const name of ['0', '01', '-1', '1.5', '10000', 'a', '']) t.notOk(isPosition(name), name)
})

t.test('the reason of a system error is without call and path', async (t) => {
  const error = Object.assign(new Error("EACCES: permission denied, open '/a b'"), { syscall: 'open' })
  t.equal(reasonOf(error), 'EACCES: permission denied')
  t.equal(reasonOf(new Error('plain, open')), 'plain, open')
  t.equal(reasonOf('text'), 'text')
})

t.test('an unexpected error is INTERNAL, with its stack for the report', async (t) => {
  const error = internal(new TypeError('no such property'))
  t.ok(error instanceof DasyError)
  t.match(error, {
    code: 'INTERNAL',
    exitStatus: 1,
    message: 'no such property',
    details: { stack: /TypeError/ },
  })
  t.match(internal('text'), { code: 'INTERNAL', message: 'text' })
})
