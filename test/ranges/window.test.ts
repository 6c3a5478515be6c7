import t from 'tap'
import { Window } from '../../lib/ranges/window.js'
import { memorySource } from '../support/memory-source.js'

const text = 'abcdefghij'
const show = (bytes: Uint8Array) => Buffer.from(bytes).toString()

t.test('a window moves through a stream', async (t) => {
  const window = new Window(
    memorySource(text),
    2,
    Number.POSITIVE_INFINITY,
    (_, least) => new Uint8Array(Math.max(4, least)),
  )
  t.equal(window.isEmpty, true)
  await window.fill()
  t.equal(show(window.from(2)), 'cdef')
  t.equal(show(window.detach(4)), 'cd', 'what is detached keeps its buffer')
  t.equal(show(window.from(4)), 'ef', 'the rest is in another one')
  await window.fill()
  t.equal(show(window.from(4)), 'efgh')
  window.drop(6)
  t.equal(show(window.from(6)), 'gh')
  t.equal(window.final, false)
  window.grow()
  await window.fill()
  t.equal(show(window.from(6)), 'ghij')
  t.equal(window.final, true)
})

t.test('a window ends where it is told to', async (t) => {
  const window = new Window(memorySource(text), 0, 3, () => new Uint8Array(8))
  await window.fill()
  t.equal(show(window.from(0)), 'abc')
  t.equal(window.final, true)
})
