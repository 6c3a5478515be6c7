// Reads a URL by HttpOrigin in a process of its own, and prints what it read or how it failed. Node.js looks at
// NODE_EXTRA_CA_CERTS only when it starts; and a connection that is left open keeps this process from ending.
import { createHash } from 'node:crypto'
import { HttpOrigin } from '../../dist/source/http/origin.js'

const [url = ''] = process.argv.slice(2)
try {
  const origin = await HttpOrigin.open(url, { retryMs: 0 })
  const hash = createHash('sha256')
  for await (const chunk of origin.stream()) hash.update(chunk)
  await origin.close()
  console.log(JSON.stringify({ sha256: hash.digest('hex') }))
} catch (error) {
  console.log(JSON.stringify(error))
}
