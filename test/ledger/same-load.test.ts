import t from 'tap'
import { hasSameContent, isSameLoad, type StoredRun } from '../../lib/ledger/stored-run.js'
import type { Source } from '../../lib/source/source.js'

const source = (path: string | null, identity: object = { size: 1 }) =>
  ({ path, identity }) as unknown as Source
const stored = (change: object = {}, ...paths: (string | null)[]) =>
  ({
    command: 'ingest',
    state: 'staging',
    options: { key: ['sku'] },
    sources: paths.map((path) => ({ path, identity: { size: 1 } })),
    ...change,
  }) as unknown as StoredRun

t.test('which run is the same load', async (t) => {
  const url = 'https://host/a.csv'
  const cases: [string, boolean, StoredRun, (string | null)[], Record<string, unknown>?][] = [
    ['same file and options', true, stored({}, '/a'), ['/a']],
    ['an option without a value', true, stored({}, '/a'), ['/a'], { key: ['sku'], into: undefined }],
    ['another option', false, stored({}, '/a'), ['/a'], { key: ['id'] }],
    ['another command', false, stored({ command: 'update' }, '/a'), ['/a']],
    ['one that has ended', false, stored({ state: 'ended' }, '/a'), ['/a']],
    ['another file', false, stored({}, '/a'), ['/b']],
    ['one file more', false, stored({}, '/a'), ['/a', '/b']],
    ['another order', false, stored({}, '/a', '/b'), ['/b', '/a']],
    ['a pipe', false, stored({}, null), [null]],
    ['a URL with another signature', true, stored({}, `${url}?sig=1`), [`${url}?sig=2`]],
    ['a file whose name has a question mark', false, stored({}, '/a?1'), ['/a?2']],
  ]
  for (const [name, same, run, paths, options = { key: ['sku'] }] of cases)
    t.equal(
      isSameLoad(
        run,
        'ingest',
        options,
        paths.map((path) => source(path)),
      ),
      same,
      name,
    )
})

t.test('and whether its sources are what they were', async (t) => {
  t.ok(hasSameContent(stored({}, '/a'), [source('/a', { size: 1, etag: undefined })]))
  t.notOk(hasSameContent(stored({}, '/a'), [source('/a', { size: 2 })]))
})
