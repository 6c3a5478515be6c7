// A web server for one folder, in a process of its own: `node bench/web-server.mjs FOLDER` prints its address. It supports
// ranges, and ends with its standard input.
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'

const [folder = '.'] = process.argv.slice(2)

const server = createServer((request, response) => {
  const path = join(folder, basename(new URL(request.url ?? '', 'http://localhost').pathname))
  const { size, mtimeMs } = statSync(path)
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(from)
  const end = Math.min(to === '' ? size - 1 : Number(to), size - 1)
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${size}`,
    'accept-ranges': 'bytes',
    etag: `"${size}-${mtimeMs}"`,
  })
  createReadStream(path, { start, end, highWaterMark: 1024 * 1024 }).pipe(response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`http://127.0.0.1:${port}`)
})
process.stdin.resume().on('end', () => process.exit())
