import t from 'tap'
import type { LoadOptions } from '../../lib/contract/options.js'
import type { Findings } from '../../lib/inspect/inspection.js'
import { propose } from '../../lib/inspect/proposal.js'

const FINDINGS: Findings = {
  source: 'a.csv',
  kind: 'file',
  dialect: { delimiter: ',', quote: '"', escape: '"', encoding: 'UTF8', lineEnds: 'LF', header: true },
  columns: [],
  records: 10,
  rejected: 5,
  reasons: {},
  rejects: [],
  key: null,
  keys: null,
  duplicates: null,
  repeated: [],
  keyCandidates: [],
  doubts: [],
  notes: [],
  bytes: 100,
  better: {},
  repeatable: true,
}

/** Proposes a load for findings that each reading returns in turn. */
async function proposed(given: LoadOptions, ...findings: Partial<Findings>[]) {
  const [first, ...later] = findings.map((each) => ({ ...FINDINGS, ...each })) as [Findings, ...Findings[]]
  const read: LoadOptions[] = []
  const proposal = await propose(first, given, async (options) => {
    read.push(options)
    const next = later.shift()
    if (!next) throw new Error('cannot be read so')
    return next
  })
  return { read, proposal }
}

t.test('options are added as long as more records are valid', async (t) => {
  const { read, proposal } = await proposed(
    { null: 'NULL' },
    { better: { skipLines: 1 } },
    { rejected: 3, better: { quote: 'none' } },
    { rejected: 0 },
  )
  t.same(read, [
    { null: 'NULL', skipLines: 1 },
    { null: 'NULL', skipLines: 1, quote: 'none' },
  ])
  t.match(proposal, { options: { skipLines: 1, quote: 'none' }, records: 10, rejected: 0 })
})

t.test('options that do not help are left out', async (t) => {
  const same = await proposed({}, { better: { trim: true } }, { rejected: 5 })
  t.match(same.proposal, { options: {}, rejected: 5 })
  const failed = await proposed({}, { better: { trim: true } })
  t.match(failed.proposal, { options: {}, rejected: 5 })
})

t.test('the same records with fewer doubts are better', async (t) => {
  const { proposal } = await proposed({}, { doubts: ['a'], better: { skipLines: 1 } }, {})
  t.same(proposal.options, { skipLines: 1 })
})

t.test('a source that cannot be read again is not', async (t) => {
  const { read } = await proposed({}, { repeatable: false, better: { trim: true } }, {})
  t.same(read, [])
})

t.test('a dialect in doubt is named, as far as the user has not named it', async (t) => {
  const dialect = { ...FINDINGS.dialect, delimiter: '\t', quote: null, escape: null }
  const findings = { doubts: ['not sure'], dialect } as Partial<Findings>
  t.same((await proposed({}, findings)).proposal.options, { delimiter: 'tab', quote: 'none' })
  t.same((await proposed({ delimiter: '\t' }, findings)).proposal.options, { quote: 'none' })
  t.same((await proposed({}, { ...findings, doubts: [] })).proposal.options, {})
})
