import type { Command } from '../command.js'
import { loadFlags, makingFlags } from '../flags/load.js'
import { toLoadOptions } from '../load-options.js'
import { requireSources, runLoad, SOURCES } from '../run-load.js'

export const ingestCommand: Command = {
  name: 'ingest',
  describe: 'Load files: create the table if it is missing, insert new keys, update existing ones',
  synonyms: ['load', 'import', 'copy', 'insert', 'upload', 'add', 'put'],
  positionals: { source: SOURCES },
  options: { ...loadFlags, ...makingFlags },
  examples: [
    ['dasy ingest products.csv', 'into the table products, keyed by sku'],
    ['dasy ingest titles.csv --table titles --key title', 'into another table, by another key'],
    ['dasy ingest products.csv --key sku,name', 'with a composite key'],
    ['dasy ingest titles.csv --dataset titles', 'as dasy.config.json describes it'],
    ["dasy ingest 'parts/*.csv.gz'", 'several compressed files in one run'],
    ['curl -s https://… | dasy ingest -', 'from standard input'],
  ],
  run: async (argv) => {
    const sources = requireSources(argv)
    return runLoad(argv, async (options) => {
      const [{ withDataset }, { ingest }] = await Promise.all([
        import('../../config/with-dataset.js'),
        import('../../api/ingest.js'),
      ])
      const given = {
        ...options,
        ...toLoadOptions(argv),
        addColumns: argv.addColumns,
        types: argv.types,
        infer: argv.infer,
      }
      return ingest(sources, await withDataset(sources, given, argv))
    })
  },
}
