export function detectEncoding(head: Uint8Array): { encoding: string; notes: readonly string[] } {
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'UTF-16LE', notes: [] }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'UTF-16BE', notes: [] }
  return { encoding: 'UTF8', notes: [] }
}
