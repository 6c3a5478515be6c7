import { type Command, yesFlag } from '../command.js'
import { confirm } from '../confirm.js'
import { changeFlags } from '../flags/resume.js'
import { toChangeOptions } from '../load-options.js'
import { printable } from '../printable.js'
import { runLoad } from '../run-load.js'
import { shellWord } from '../shell-word.js'

export const purgeCommand: Command = {
  name: 'purge',
  describe: 'Delete rows of a table in one transaction, as a run that can be undone',
  synonyms: ['delete', 'truncate', 'empty', 'wipe'],
  positionals: { table: { describe: 'The table', completes: 'table' } },
  options: {
    where: {
      type: 'string',
      value: 'CONDITION',
      group: 'Rules',
      default: 'all rows',
      describe: "Only rows for which this SQL expression holds: supplier = 'acme'",
    },
    ...yesFlag,
    ...changeFlags,
  },
  examples: [
    ['dasy purge products', 'delete all rows, after a confirmation'],
    [`dasy purge products --where "supplier = 'acme'"`, 'those of one supplier'],
    ['dasy purge products --yes', 'without a confirmation, in a script'],
  ],
  run: async (argv) => {
    const { table, where } = argv
    const which = where === undefined ? 'all rows' : `the rows where ${printable(where)}`
    const words = ['dasy', 'purge', table, ...(where === undefined ? [] : ['--where', where])]
    const command = words.map((word) => shellWord(printable(word))).join(' ')
    await confirm(command, `Delete ${which} of ${printable(table)}?`, argv)
    return runLoad(argv, async (options) => {
      const { purge } = await import('../../api/purge.js')
      const { configuredHistoryDays } = await import('../../config/with-dataset.js')
      const historyDays = await configuredHistoryDays()
      return purge(table, { ...options, ...toChangeOptions(argv), where, historyDays })
    })
  },
}
