import { EXIT } from '../../base/errors.js'
import type { Command } from '../command.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionCommand: Command = {
  name: 'completion',
  describe: 'Print the completion script for a shell',
  positionals: {
    shell: { describe: `The shell: ${SHELLS.join(', ')} (default: bash)`, optional: true, choices: SHELLS },
  },
  examples: [
    ['source <(dasy completion bash)', 'for this session; in ~/.bashrc for all sessions'],
    ['source <(dasy completion zsh)', 'the same for zsh; in ~/.zshrc after compinit'],
    ['dasy completion fish > ~/.config/fish/completions/dasy.fish', 'for fish'],
  ],
  async run({ shell = 'bash' }) {
    const { scripts } = await import('../completion/scripts.js')
    process.stdout.write(scripts[shell as (typeof SHELLS)[number]])
    return EXIT.done
  },
}
