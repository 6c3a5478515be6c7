import t from 'tap'
import { CopyText } from '../../lib/load/copy-text.js'

const bytes = (text: string) => Buffer.from(text)

/** The text of one COPY that gets these records, each with the kinds of record ends that the scan found. */
function copied(...records: [text: string, recordEnds: number][]): string {
  const text = new CopyText(1000)
  for (const [each, recordEnds] of records) {
    text.endLinesLike(bytes(each), recordEnds)
    text.add(bytes(each))
  }
  return Buffer.from(text.take()).toString()
}

t.test('all lines end alike', async (t) => {
  const cases: [string, [string, number][], string][] = [
    [
      'as they end',
      [
        ['a\nb\n', 1],
        ['c\n', 1],
      ],
      'a\nb\nc\n',
    ],
    [
      'a line end is added like the first one',
      [
        ['a\r\n', 4],
        ['b', 0],
      ],
      'a\r\nb\r\n',
    ],
    [
      'CR',
      [
        ['a\r', 2],
        ['b', 0],
      ],
      'a\rb\r',
    ],
    ['LF where none decides', [['a', 0]], 'a\n'],
    [
      'of several the last one decides',
      [
        ['a\nb\r\n', 5],
        ['c', 0],
      ],
      'a\nb\r\nc\r\n',
    ],
    [
      'later ones decide nothing',
      [
        ['a\n', 1],
        ['b\r\n', 4],
        ['c', 0],
      ],
      'a\nb\r\nc\n',
    ],
    [
      'the first that has one decides',
      [
        ['a', 0],
        ['b\r\n', 4],
        ['c', 0],
      ],
      'a\nb\r\nc\r\n',
    ],
  ]
  for (const [name, records, text] of cases) t.equal(copied(...records), text, name)
})

t.test('chunks share a buffer, which grows for a long record', async (t) => {
  const text = new CopyText(5)
  t.equal(text.hasRoomFor(bytes('x'.repeat(100))), true, 'an empty one has room for anything')
  text.add(bytes('x'.repeat(100)))
  t.equal(text.hasRoomFor(bytes('y')), false)
  t.equal(text.take().length, 101)
  text.add(bytes('y\n'))
  t.equal(Buffer.from(text.take()).toString(), 'y\n')
  t.equal(text.take().length, 0)
})
