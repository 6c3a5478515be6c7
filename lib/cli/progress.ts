import type { Arguments, Flag } from './command.js'
import type { ProgressDisplay } from './progress-display.js'

export const progressFlag = {
  progress: {
    type: 'boolean',
    group: 'Output',
    default: 'if standard error is a terminal',
    describe: 'Show progress: a bar on a terminal, else a line every few seconds',
  },
} as const satisfies Record<string, Flag>

/** A bar on a terminal; elsewhere notes, and lines of progress if they are asked for; nothing with --quiet. */
export async function showProgress(
  stream: NodeJS.WriteStream,
  { quiet, verbose, progress = stream.isTTY === true && !verbose }: Arguments,
): Promise<ProgressDisplay> {
  if (quiet) return { stop: () => {} }
  if (progress && stream.isTTY) {
    const { ProgressBars } = await import('./progress-bars.js')
    return new ProgressBars(stream)
  }
  const { NoteLines, ProgressLines } = await import('./progress-lines.js')
  return progress ? new ProgressLines(stream) : new NoteLines(stream)
}
