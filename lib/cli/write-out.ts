/** Writes to standard output, and waits until the reader has taken it, so that memory does not grow with the output. */
export function writeOut(bytes: Uint8Array | string): Promise<void> {
  // Also called after a failure, which main() has reported by then.
  return new Promise((resolve) => process.stdout.write(bytes, () => resolve()))
}
