import t from 'tap'
import { gapsBetween } from '../../lib/ranges/gaps.js'

const piece = (start: number, end: number, next_line: number) => ({ start, end, next_line })
const gap = (offset: number, line: number, end: number) => ({ start: { offset, line }, end })

t.test('what is missing between staged pieces', async (t) => {
  const start = { offset: 10, line: 2 }
  const cases: [string, number, ReturnType<typeof piece>[], ReturnType<typeof gap>[]][] = [
    ['nothing is staged', 100, [], [gap(10, 2, 100)]],
    ['all is staged', 100, [piece(10, 50, 5), piece(50, 100, 9)], []],
    ['the beginning is missing', 100, [piece(50, 100, 9)], [gap(10, 2, 50)]],
    ['a part in the middle', 100, [piece(10, 30, 4), piece(50, 100, 9)], [gap(30, 4, 50)]],
    ['the end', 100, [piece(10, 30, 4)], [gap(30, 4, 100)]],
    ['several', 100, [piece(20, 30, 4), piece(50, 60, 7)], [gap(10, 2, 20), gap(30, 4, 50), gap(60, 7, 100)]],
    ['a source without records', 10, [], []],
  ]
  for (const [name, size, staged, gaps] of cases) t.same(gapsBetween(start, size, staged), gaps, name)
})

t.throws(() => gapsBetween({ offset: 0, line: 1 }, 100, [piece(0, 50, 5), piece(40, 60, 6)]), /staged twice/)
