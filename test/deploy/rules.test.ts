/** What promtool says of deploy/prometheus, and its tests of the alerts. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { withoutPrometheus } from '../observe/prometheus.js'
import { type Document, documents, ROOT } from './yaml.js'

const WHERE = `${ROOT}/deploy/prometheus`
const rules: Document[] = documents('deploy/prometheus/alerts.yml')[0].groups.flatMap(
  ({ rules }: Document) => rules,
)

const CHECKS = [
  ['check', 'config', '--syntax-only', 'prometheus.yml'],
  ['check', 'rules', 'alerts.yml'],
  ['test', 'rules', 'alerts.test.yml'],
]

for (const check of CHECKS) {
  t.test(`promtool ${check.join(' ')}`, { skip: withoutPrometheus }, async (t) => {
    const { status, stdout, stderr } = spawnSync('promtool', check, { cwd: WHERE, encoding: 'utf8' })
    t.equal(status, 0, `${stdout}${stderr}`)
  })
}

t.test('each alert is tested, and has a part in the page for operators', async (t) => {
  const tests = readFileSync(`${WHERE}/alerts.test.yml`, 'utf8')
  const page = readFileSync(`${ROOT}/docs/operations.md`, 'utf8')
  for (const { alert, annotations, labels } of rules) {
    t.match(tests, new RegExp(`alertname: ${alert}\\n +exp_alerts`), alert)
    t.match(page, new RegExp(`^### ${alert}$`, 'm'), alert)
    t.equal(annotations.runbook, `docs/operations.md#${alert.toLowerCase()}`)
    t.match(labels.severity, /^(warning|critical)$/)
  }
})
