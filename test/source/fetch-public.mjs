// Asks for addresses from within a network of its own, and prints how each was answered. Of 11.22.33.44 everybody may ask; the other
// addresses of this host are private, and have something that nobody may see.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { post } from '../../dist/outbox/post.js'
import { HttpClient, SILENCE } from '../../dist/source/http/client.js'

const PORT = 8000
/** @type {string[]} */
const seen = []

const secret = createServer((request, response) => {
  seen.push(request.url ?? '')
  response.end('secret')
})
const open = createServer((request, response) => {
  const to = new URL(request.url ?? '', 'http://x').searchParams.get('to')
  if (to === null) response.end('open')
  else response.writeHead(302, { location: to }).end()
})
for (const [server, host] of /** @type {const} */ ([
  [secret, '127.0.0.1'],
  [open, '11.22.33.44'],
])) {
  server.listen(PORT, host)
  await once(server, 'listening')
}

/** @param {string} url */
async function fetched(url) {
  const client = new HttpClient(new URL(url), SILENCE, true)
  try {
    const { response } = await client.get(new URL(url), {}, AbortSignal.timeout(20_000))
    response.destroy()
    return response.statusCode
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code
  } finally {
    client.close()
  }
}

/** @param {string} url */
async function posted(url) {
  const message = { id: 'msg_1', body: '{}', type: 'test', timestamp: new Date() }
  try {
    const answer = await post(url, /** @type {never} */ (message), [`whsec_${'a'.repeat(32)}`], {
      mayBePrivate: false,
    })
    return answer.status
  } catch (error) {
    return /** @type {Error} */ (error).message
  }
}

/** @type {Record<string, unknown>} */
const answers = {}
for (const url of process.argv.slice(2)) answers[url] = [await fetched(url), await posted(url)]
console.log(JSON.stringify({ answers, seen }))
process.exit()
