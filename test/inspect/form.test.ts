import t from 'tap'
import { FormCheck } from '../../lib/inspect/form.js'

function noteOf(...values: string[]): string | undefined {
  const check = new FormCheck()
  for (const value of values) check.add(value)
  return check.note('my "price"')
}

t.test('a form that all values have, with a cast', async (t) => {
  t.match(noteOf('1,5', '-1.234,50', '12'), /decimal commas .* "my ""price""" TYPE numeric/)
  t.match(noteOf('31.12.2025', '1.2.2024'), /31\.12\.2025 .*'DD\.MM\.YYYY'/)
  t.match(noteOf('01/02/2025', '31/12/2025'), /'DD\/MM\/YYYY'/)
  t.match(noteOf('01/02/2025', '12/31/2025'), /'MM\/DD\/YYYY'/)
})

t.test('no note if a value has another form, or if none decides', async (t) => {
  t.equal(noteOf('1,5', 'x'), undefined)
  t.equal(noteOf('1', '2'), undefined, 'whole numbers')
  t.equal(noteOf('01/02/2025', '03/04/2025'), undefined, 'day or month')
  t.equal(noteOf('01/31/2025', '31/01/2025'), undefined, 'both')
  t.equal(noteOf(), undefined)
})

t.test('the check ends when no form is left', async (t) => {
  const check = new FormCheck()
  t.ok(check.isOpen)
  check.add('words')
  t.notOk(check.isOpen)
})
