import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

const BIN = fileURLToPath(new URL('../../bin/dasy.js', import.meta.url))

interface Told {
  readonly name: string
  readonly id: string
  readonly trace: string
  readonly parent: string | null
  readonly status: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly milliseconds: number
}

t.test("the user's own OpenTelemetry SDK gets a span for each run and phase", async (t) => {
  const db = await testDatabase(t)
  const where = folder(t)
  const [spans, setUp] = [join(where, 'spans'), join(where, 'tracing.mjs')]
  const sdk = import.meta.resolve('@opentelemetry/sdk-trace-node')
  // A batch, so that what is left must be asked for at the end.
  writeFileSync(
    setUp,
    `import { appendFileSync } from 'node:fs'
     import sdk from ${JSON.stringify(sdk)}
     const exporter = {
       export(spans, done) {
         for (const { name, spanContext, parentSpanContext, status, attributes, duration } of spans.map((s) => ({ ...s, name: s.name, spanContext: s.spanContext(), parentSpanContext: s.parentSpanContext, status: s.status, attributes: s.attributes, duration: s.duration })))
           appendFileSync(${JSON.stringify(spans)}, JSON.stringify({ name, id: spanContext.spanId, trace: spanContext.traceId, parent: parentSpanContext?.spanId ?? null, status: status.code, attributes, milliseconds: duration[0] * 1000 + duration[1] / 1e6 }) + '\\n')
         done({ code: 0 })
       },
       async shutdown() {},
     }
     new sdk.NodeTracerProvider({ spanProcessors: [new sdk.BatchSpanProcessor(exporter)] }).register()`,
  )
  const { PATH = '' } = process.env
  const run = (...args: string[]): Told[] => {
    writeFileSync(spans, '')
    const env = { PATH, DATABASE_URL: db.url, NODE_OPTIONS: `--import=${pathToFileURL(setUp).href}` }
    const ran = spawnSync(
      'env',
      ['-u', 'NODE_OPTIONS', `NODE_OPTIONS=${env.NODE_OPTIONS}`, process.execPath, BIN, ...args],
      { env, cwd: where, encoding: 'utf8' },
    )
    t.equal(ran.stderr.includes('Error'), false, args.join(' '), { ...ran })
    return readFileSync(spans, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }
  const loaded = run('ingest', file(t, 'sku,name\n1,a\n2,b\n'), '--quiet')
  const root = loaded.find(({ parent }) => parent === null)
  t.match(root, {
    name: 'dasy ingest',
    attributes: {
      'dasy.run': 1,
      'dasy.table': 'products',
      'dasy.status': 'completed',
      'dasy.rows.inserted': 2,
    },
  })
  const phases = loaded.filter(({ parent }) => parent === root?.id)
  t.same(phases.map(({ name }) => name).sort(), [
    'dasy aggregate',
    'dasy copy',
    'dasy merge',
    'dasy plan',
    'dasy start',
  ])
  t.equal(new Set(loaded.map(({ trace }) => trace)).size, 1, 'one trace')
  t.ok(phases.every(({ milliseconds }) => milliseconds <= (root?.milliseconds ?? 0)))
  const [failed] = run('ingest', file(t, 'sku,name\n"1"x,a\n'), '--quiet').filter(
    ({ parent }) => parent === null,
  )
  t.match(failed, { status: 2, attributes: { 'error.type': 'TOO_MANY_REJECTS' } })
  t.same(run('runs').length, 0, 'other commands have none')
  const env = { PATH, DATABASE_URL: db.url }
  const plain = spawnSync(process.execPath, [BIN, 'runs'], { env, cwd: where, encoding: 'utf8' })
  t.equal(plain.status, 0)
})
