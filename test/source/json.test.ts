import t from 'tap'
import { isJson } from '../../lib/source/json.js'

const JSON_TEXTS = ['{"a":1}', '[\n1]', '[{"a":1},\n{"a":2}]', '{\n"a": 1\n}', '\ufeff {"a":[1]}\n', '[]']
const CSV_TEXTS = ['a,b\n1,2\n', '[a],b\n', '{"a":1},x\n', '"[",b\n', '', '{x}\n1\n', '[1],2\n']

t.test('JSON as a whole or by its first line', async (t) => {
  for (const text of JSON_TEXTS) t.ok(isJson(text, true), text)
})

t.test('CSV that looks like JSON', async (t) => {
  for (const text of CSV_TEXTS) t.notOk(isJson(text, true), text)
})

t.test('the beginning of minified JSON', async (t) => {
  t.ok(isJson('[{"a":"xxxxxxxxxxx', false))
  t.ok(isJson('{"a":"xxxxxxxxxxx', false))
  t.notOk(isJson('[a],"xxxxxxxxxxx', false))
})
