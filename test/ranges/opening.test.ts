import t from 'tap'
import { readOpening } from '../../lib/ranges/opening.js'
import { DIALECT, memorySource } from '../support/memory-source.js'

const open = (text: string, skipLines = 0, columns?: string[]) =>
  readOpening(memorySource(text), { dialect: DIALECT, skipLines, columns })

t.test('where the records begin', async (t) => {
  const cases: [string, string, number, string[] | undefined, string[], number, number][] = [
    // name, text, lines to skip, given columns, columns, offset, line
    ['a header', 'sku,name\na,b\n', 0, undefined, ['sku', 'name'], 9, 2],
    ['blank lines before it', '\n\r\nsku\na\n', 0, undefined, ['sku'], 7, 4],
    ['a byte order mark', '\ufeffsku\na\n', 0, undefined, ['sku'], 7, 2],
    ['a header of two lines', '"s\nku",name\na,b\n', 0, undefined, ['s\nku', 'name'], 12, 3],
    ['lines to skip, with quotes', 'a "title\r\n# x\nsku\n', 2, undefined, ['sku'], 18, 4],
    ['no header', 'a,b\n', 0, ['sku', 'name'], ['sku', 'name'], 0, 1],
    ['a header alone', 'sku', 0, undefined, ['sku'], 3, 1],
  ]
  for (const [name, text, skip, given, columns, offset, line] of cases) {
    const opening = await open(text, skip, given)
    t.same(opening.columns, columns, name)
    t.match(opening.start, { offset, line: text.endsWith('\n') ? line : Number }, name)
  }
})

t.test('what has no header says what to do', async (t) => {
  await t.rejects(open(''), { code: 'EMPTY_FILE', message: 'a.csv is empty: it has no header' })
  await t.rejects(open('', 0, ['sku']), { code: 'EMPTY_FILE', message: 'a.csv is empty: it has no record' })
  await t.rejects(open('sku\n', 1), {
    code: 'EMPTY_FILE',
    message: 'a.csv has no header after the skipped line',
  })
  await t.rejects(open('sku\na\n', 5), {
    code: 'EMPTY_FILE',
    message: 'a.csv has no header after the 5 skipped lines',
    hint: /--skip-lines 5/,
  })
  await t.rejects(open('"sku\na,b\n'), { code: 'BAD_HEADER', message: /never closed/, hint: /--quote none/ })
  await t.rejects(open('sku,sku\n'), { code: 'BAD_HEADER' })
})
