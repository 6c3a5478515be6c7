/** The queries of the dashboards and of the alerts, answered by a real Prometheus that scrapes a real service and worker. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { Observed } from '../deploy/observed.js'
import { type Document, documents, ROOT } from '../deploy/yaml.js'
import { withoutPrometheus } from '../observe/prometheus.js'

const rules: Document[] = documents('deploy/prometheus/alerts.yml')[0].groups.flatMap(
  ({ rules }: Document) => rules,
)

function panelsOf(dashboard: string): Document[] {
  const { panels } = JSON.parse(readFileSync(`${ROOT}/deploy/grafana/dashboards/${dashboard}.json`, 'utf8'))
  return panels.filter(({ datasource }: Document) => datasource?.type === 'prometheus')
}

const exprOf = (alert: string): string => rules.find((each) => each.alert === alert).expr

t.test('each panel and each alert has the figures of the ledger', { skip: withoutPrometheus }, async (t) => {
  const observed = await Observed.start(t)
  const now = Date.now()
  /** By the labels: "ingest completed". */
  const figures = async (query: string, time = now): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await observed.shows(query, time)).map(({ labels, value }) => [
        Object.values(labels).sort().join(' '),
        value,
      ]),
    )

  await t.test('panels', async (t) => {
    const panels = [...panelsOf('loads'), ...(observed.hasExporter ? panelsOf('database') : [])]
    for (const { title, targets } of panels)
      for (const { expr } of targets) {
        const samples = await observed.shows(expr, now)
        // Of what happened only once there is no distribution.
        t.ok(
          samples.some(({ value }) => !Number.isNaN(value)),
          `${title}: ${expr}`,
        )
      }
  })

  await t.test('figures of panels', async (t) => {
    const panels = panelsOf('loads')
    const of = (title: string): Promise<Record<string, number>> =>
      figures(panels.find((panel) => panel.title === title).targets[0].expr)
    // Of the second part: two files of three and two records, of which one is rejected twice, and two failures.
    t.strictSame(await of('Database'), { '': 1 })
    t.strictSame(await of('Loads completed'), { '': 2 })
    t.strictSame(await of('Runs failed'), { '': 2 })
    t.strictSame(await of('Records rejected'), { '': 2 })
    t.strictSame(await of('Runs that wait'), { '': 1 })
    t.match(await of('What became of the records'), { rejected: 2, duplicates: 1, inserted: 0 })
    t.match(await of('Runs by how they ended'), {
      'completed ingest': 2,
      'failed ingest': 1,
      'ingest rejected': 1,
    })
    t.strictSame(await of('Rows of the tables'), { products: 2 })
    t.strictSame(await of('Share of rejected records'), { products: 2 / 9 })
    const bytes = `SELECT (sum(bytes) / 2)::int FROM dasy.sources JOIN dasy.runs USING (run) WHERE outcome = 'completed'`
    t.strictSame(await of('Bytes of the sources'), { '': await observed.ledger(bytes) })
  })

  await t.test('alerts', async (t) => {
    t.strictSame(await figures(exprOf('DasyNothingArrived')), {}, 'something has arrived')
    t.strictSame(await figures(exprOf('DasyDown')), {})
    t.strictSame(await figures(exprOf('DasyDatabaseDown')), {})
    t.strictSame(await figures(exprOf('DasyRunsFailed')), { products: 2 })
    t.strictSame(await figures(exprOf('DasyQueueStuck')), { '': 1 })
    t.strictSame(await figures(exprOf('DasyFileWaits')), {}, 'not for an hour yet')
    const waits = await figures(exprOf('DasyFileWaits').replace('3600', '0'))
    const arrived = `SELECT extract(epoch FROM min(arrived_at))::float8 FROM dasy.arrivals`
    t.ok(
      Math.abs((waits[''] ?? 0) - (now / 1000 - (await observed.ledger(arrived)))) < 60,
      'since it arrived',
    )
    // As bad as before: usual. Against nothing rejected before it is a rise.
    t.strictSame(await figures(exprOf('DasyRejectsRose')), {})
    const rose = exprOf('DasyRejectsRose').replace('> 3 *', '> 0 *')
    t.strictSame(await figures(rose), { products: 2 / 9 })
    t.strictSame(await figures(exprOf('DasyLastSuccessTooOld')), {})
    const since = await figures(exprOf('DasyLastSuccessTooOld').replace('26 * 3600', '0'))
    const ended = `SELECT extract(epoch FROM max(ended_at))::float8 FROM dasy.sums WHERE status = 'completed'`
    t.ok(
      Math.abs((since.products ?? 0) - (now / 1000 - (await observed.ledger(ended)))) < 0.01,
      'since it ended',
    )
    const failing = await figures(exprOf('DasyWebhookFailing').replace('>= 3', '>= 0'))
    t.ok((failing[''] ?? -1) >= 0, 'attempts that failed', { failing })
  })

  await t.test('alerts of what is gone', async (t) => {
    const { served } = observed
    observed.between = Date.now()
    const server = new URL(served.databaseUrl)
    server.pathname = '/postgres'
    const client = await served.db.client(server.href)
    await client.query(`ALTER DATABASE ${served.db.name} ALLOW_CONNECTIONS false`)
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name <> 'test'`,
      [served.db.name],
    )
    const fires = async (alert: string, job?: string): Promise<void> => {
      await observed.prometheus.until(alert, async () => {
        const samples = await observed.shows(exprOf(alert))
        return samples.some(({ labels }) => labels.job === job)
      })
      t.pass(alert)
    }
    await fires('DasyDatabaseDown')
    // It cannot look its token up.
    await fires('DasyDown', 'dasy-serve')
    observed.work?.send('SIGKILL')
    await observed.work?.ended
    await fires('DasyDown', 'dasy-work')
  })
})
