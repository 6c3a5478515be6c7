import { EXIT } from '../../base/errors.js'
import { ownVersion } from '../../base/package.js'
import type { Command } from '../command.js'

export const versionCommand: Command = {
  name: 'version',
  describe: 'Print the version, as --version and -V do',
  examples: [['dasy version', 'the version and nothing else']],
  async run() {
    process.stdout.write(`${ownVersion()}\n`)
    return EXIT.done
  },
}
