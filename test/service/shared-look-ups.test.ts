import t from 'tap'
import { SharedLookUps } from '../../lib/service/shared-look-ups.js'

/** Look-ups that end when they are told to. */
class Told {
  readonly begun: { end: (found: number) => void; fail: (error: Error) => void }[] = []
  readonly find = (): Promise<number> =>
    new Promise((resolve, reject) => this.begun.push({ end: resolve, fail: reject }))

  end(found: number): Promise<void> {
    this.begun.at(-1)?.end(found)
    return settled()
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('who asks while a look-up is at work is answered by the next one, together', async (t) => {
  const [lookUps, told] = [new SharedLookUps<number>(), new Told()]
  const first = lookUps.of('a', told.find)
  const [second, third] = [lookUps.of('a', told.find), lookUps.of('a', told.find)]
  await settled()
  t.equal(told.begun.length, 1, 'the next one waits')
  await told.end(1)
  t.equal(await first, 1)
  t.equal(told.begun.length, 2, 'one for both')
  const fourth = lookUps.of('a', told.find)
  await told.end(2)
  t.strictSame(await Promise.all([second, third]), [2, 2])
  t.equal(told.begun.length, 3)
  await told.end(3)
  t.equal(await fourth, 3, 'it asked after the second look-up began')
  lookUps.of('a', told.find)
  t.equal(told.begun.length, 4, 'none is kept')
  await told.end(4)
})

t.test('keys are looked up each by itself', async (t) => {
  const [lookUps, told] = [new SharedLookUps<number>(), new Told()]
  const found = [lookUps.of('a', told.find), lookUps.of('b', told.find)]
  t.equal(told.begun.length, 2)
  for (const [index, { end }] of told.begun.entries()) end(index)
  t.strictSame(await Promise.all(found), [0, 1])
})

t.test('a look-up that fails fails for those that it was for, and not for the next', async (t) => {
  const [lookUps, told] = [new SharedLookUps<number>(), new Told()]
  const first = lookUps.of('a', told.find)
  const second = lookUps.of('a', told.find)
  told.begun[0]?.fail(new Error('gone'))
  await t.rejects(first, { message: 'gone' })
  await settled()
  await told.end(2)
  t.equal(await second, 2)
})
