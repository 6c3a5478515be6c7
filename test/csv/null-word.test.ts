import t from 'tap'
import { emptyNullFields } from '../../lib/csv/null-word.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

const CASES: [name: string, records: string, word: string, emptied: string][] = [
  ['a whole field', 'a,NULL,b\n', 'NULL', 'a,,b\n'],
  ['first and last fields, whatever ends the line', 'NULL,NULL\r\nNULL,x\rx,NULL', 'NULL', ',\r\n,x\rx,'],
  ['a record that is nothing else', 'NULL\nNULL\n', 'NULL', '\n\n'],
  ['a part of a field is text', 'NULLs,aNULL,NULL NULL,N\n', 'NULL', 'NULLs,aNULL,NULL NULL,N\n'],
  ['in quotes it is text', '"NULL",",NULL,","\nNULL\n",NULL\n', 'NULL', '"NULL",",NULL,","\nNULL\n",\n'],
  ['behind doubled quotes', '"a""NULL","b"",NULL,",NULL\n', 'NULL', '"a""NULL","b"",NULL,",\n'],
  ['a word that overlaps itself', 'NNN,NN,NNNN\n', 'NN', 'NNN,,NNNN\n'],
  ['another case is text', 'null,Null\n', 'NULL', 'null,Null\n'],
  ['a word of other than letters', '\\N,-, ,\\N \n', '\\N', ',-, ,\\N \n'],
]

for (const [name, records, word, emptied] of CASES) {
  t.test(name, async (t) => {
    t.equal(emptyNullFields(Buffer.from(records), Buffer.from(word), dialect).toString(), emptied)
  })
}

t.test('records without the word are handed back as they are', async (t) => {
  const records = Buffer.from('a,b\n"NULL",c\n')
  t.equal(emptyNullFields(records, Buffer.from('NULL'), dialect), records)
})
