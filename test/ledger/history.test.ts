import t from 'tap'
import { errorOf, type RunRecord, receiptOf, rowsOf } from '../../lib/ledger/history.js'
import { RECEIPT_FIELDS } from '../support/receipt.js'

const RUNNING: RunRecord = {
  run: 7,
  command: 'ingest',
  status: 'running',
  source: 'a.csv',
  table: 'products',
  key: ['sku'],
  bytes: 100,
  workers: 2,
  rows: null,
  aggregates: null,
  seconds: null,
  doubts: [],
  state: 'staging',
  started_at: new Date(0),
  ended_at: null,
  staged_bytes: 50,
  staged_records: 5,
  rejects: 1,
  error: null,
}

t.test('a run that has not ended has the counts of its staged records', async (t) => {
  t.same(rowsOf(RUNNING), { read: 5, rejected: 1 })
  t.equal(rowsOf({ ...RUNNING, staged_records: null }), null)
  t.same(rowsOf({ ...RUNNING, rows: { read: 9 } }), { read: 9 }, 'recorded counts come first')
  const receipt = receiptOf(RUNNING)
  t.same(Object.keys(receipt), [...RECEIPT_FIELDS, 'error'])
  t.match(receipt, {
    rows: { read: 5, rejected: 1, inserted: null, deleted: null },
    seconds: null,
    error: null,
  })
})

t.test('a completed run is shown as its receipt was printed', async (t) => {
  const rows = {
    skipped: 0,
    read: 3,
    rejected: 0,
    duplicates: 0,
    inserted: 3,
    updated: 0,
    unchanged: 0,
    deleted: 0,
  }
  const receipt = receiptOf({ ...RUNNING, status: 'completed', rows })
  t.notOk('error' in receipt)
  t.same(Object.keys(receipt.rows ?? {}), [
    ...['read', 'rejected', 'duplicates', 'inserted', 'updated', 'unchanged', 'skipped', 'deleted'],
  ])
})

t.test('a run that stopped has its error; of a killed one the process could record none', async (t) => {
  const error = { code: 'EMPTY_FILE', message: 'text' }
  t.same(errorOf({ ...RUNNING, status: 'failed', error }), { ...error, hint: null })
  t.match(errorOf({ ...RUNNING, status: 'interrupted' }), {
    code: 'INTERRUPTED',
    hint: 'Resume it: dasy resume 7',
  })
  t.match(errorOf({ ...RUNNING, status: 'interrupted', state: 'ended' }), { hint: null })
  t.equal(errorOf(RUNNING), null)
})
