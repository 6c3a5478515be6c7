import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'
import t from 'tap'
import { folder } from '../support/files.js'
import { Served } from './served.js'

t.test('x', async (t) => {
  const served = await Served.of(t)
  const document = await served.json('GET', '/v1/openapi.json')
  writeFileSync('/tmp/svc-client/openapi.json', JSON.stringify(document, null, 1))
  const path = join(folder(t), 'client')
  await createClient({ input: document as never, output: { path: '/tmp/svc-client/out' }, logs: { level: 'silent' } })
  t.ok(path)
})
