import { rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { DasyError } from '../../lib/base/errors.js'
import { withDataset } from '../../lib/config/with-dataset.js'
import type { LoadOptions } from '../../lib/index.js'
import { into } from '../support/events.js'
import { file } from '../support/files.js'

const CONFIG = `{
  "datasets": {
    "acme": {
      "files": "*.csv", "table": "goods", "key": ["id", "shop"], "trim": true,
      "map": { "A": "a", "B": "b" }, "set": { "source": "acme" }, "types": { "a": "int", "b": "date" }
    },
    "other": { "files": "*.txt" }
  }
}`

async function failure(work: Promise<unknown>): Promise<DasyError> {
  const error = await work.then(
    () => new Error('it should have failed'),
    (reason) => reason,
  )
  if (error instanceof DasyError) return error
  throw error
}

t.test('what is given beats what the dataset says, of map, set and types name by name', async (t) => {
  const config = file(t, CONFIG, 'dasy.config.json')
  const source = file(t, '', '../acme.csv')
  t.teardown(() => rmSync(source))
  const beside = config.replace('dasy.config.json', 'x.csv')
  const given: LoadOptions = {
    table: undefined,
    key: 'id',
    trim: false,
    workers: 2,
    map: { B: 'c' },
    set: { batch: '7' },
    types: 'b:text',
  }
  t.same(await withDataset([beside], given, { config }), {
    table: 'goods',
    key: 'id',
    trim: false,
    workers: 2,
    map: { A: 'a', B: 'c' },
    set: { source: 'acme', batch: '7' },
    types: { a: 'int', b: 'text' },
  })
  t.equal(await withDataset([source], given, { config }), given, 'a file of no dataset is loaded as it is')
  t.match(
    await withDataset([source], {}, { config, dataset: 'acme' }),
    { table: 'goods' },
    'unless one is named',
  )
  t.equal(await withDataset([beside], given), given, 'no configuration says nothing')

  const notes: string[] = []
  const onEvent = into(notes)
  await withDataset([beside], { onEvent }, { config })
  await withDataset([beside], { onEvent }, { config, dataset: 'acme' })
  t.same(notes, [`${beside}: dataset acme of ${config}`], 'which one was found is told')
})

t.test('several sources are of one dataset', async (t) => {
  const config = file(t, CONFIG, 'dasy.config.json')
  const [one, two, other, none] = ['1.csv', '2.csv', '3.txt', '4'].map((name) =>
    config.replace('dasy.config.json', name),
  ) as [string, string, string, string]
  t.match(await withDataset([one, two], {}, { config }), { table: 'goods' })
  for (const name of [one, two, other]) writeFileSync(name, '')
  t.match(
    await withDataset([config.replace('dasy.config.json', '?.csv')], {}, { config }),
    { table: 'goods' },
    'by a pattern',
  )
  const all = withDataset([config.replace('dasy.config.json', '?.*')], {}, { config })
  t.match(await failure(all), { code: 'DATASET_AMBIGUOUS' }, 'a pattern of both')
  t.match(await failure(withDataset([one, two, other], {}, { config })), {
    code: 'DATASET_AMBIGUOUS',
    exitStatus: 2,
    message: /1\.csv belongs to acme, .*3\.txt belongs to other/,
  })
  t.match(await failure(withDataset([one, none], {}, { config })), {
    code: 'DATASET_AMBIGUOUS',
    message: /4 belongs to no dataset/,
  })
  t.match(await withDataset([one, none], {}, { config, dataset: 'acme' }), { table: 'goods' })
})

t.test('a configuration that is named must be there', async (t) => {
  const config = file(t, '', 'dasy.config.json').replace('config', 'other')
  for (const choice of [{ config }, { config, dataset: 'x' }, { dataset: 'x' }])
    t.match(await failure(withDataset(['a.csv'], {}, choice)), { code: 'CONFIG_UNREADABLE', exitStatus: 1 })
  const folder = config.slice(0, config.lastIndexOf('/'))
  t.match(await failure(withDataset(['a.csv'], {}, { config: folder })), { code: 'CONFIG_UNREADABLE' })
})
