// Writes a gzip stream of so many bytes of text to standard output, at the speed of whoever reads it: one member with the
// header of a product file, then one and the same of a thousand records again and again.
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'

const bytes = Number(process.argv[2])
const records = Array.from(
  { length: 1000 },
  (_, n) => `sku-${n},name ${n % 10},${`text ${n} `.repeat(200)}\n`,
)
const text = Buffer.from(records.join(''))
const member = gzipSync(text)

process.stdout.on('error', () => process.exit())
process.stdout.write(gzipSync('sku,name,description\n'))
for (let written = 0; written < bytes; written += text.length) {
  if (!process.stdout.write(member)) await once(process.stdout, 'drain')
}
process.stdout.end()
