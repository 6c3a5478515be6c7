const LF = 0x0a
const CR = 0x0d

export function withoutLineEnd(record: Buffer): Buffer {
  let end = record.length
  if (record[end - 1] === LF) end--
  if (record[end - 1] === CR) end--
  return record.subarray(0, end)
}
