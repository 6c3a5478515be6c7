import type { Progress } from '../progress.js'

/** A progress display, which has to be stopped before anything else is printed. */
export interface ProgressDisplay extends Progress {
  /** One line for the person who waits, without disturbing the display. */
  note?: (line: string) => void
  stop(): void
}

/** Bars on a terminal, a line every few seconds elsewhere, nothing when it is to be quiet. */
export async function showProgress(
  stream: NodeJS.WriteStream,
  quiet: boolean | undefined,
): Promise<ProgressDisplay> {
  if (quiet) return { stop: () => {} }
  if (stream.isTTY) {
    const { ProgressBars } = await import('./progress-bars.js')
    return new ProgressBars(stream)
  }
  const { ProgressLines } = await import('./progress-lines.js')
  return new ProgressLines(stream)
}
