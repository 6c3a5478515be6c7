/** The manifests, by the schemas of the API that kubernetes-models has, and by what pods of dasy must have. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { withoutPrometheus } from '../observe/prometheus.js'
import { folder } from '../support/files.js'
import { type Document, documents, ROOT } from './yaml.js'

const WHERE = 'deploy/kubernetes'
const require = createRequire(import.meta.url)
const files = readdirSync(`${ROOT}/${WHERE}`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .sort()
const all: Document[] = files.flatMap((name) => documents(`${WHERE}/${name}`))
const [kustomization] = documents(`${WHERE}/kustomization.yaml`)

/** @throws Error that says what the API would refuse */
function validate(manifest: Document): void {
  const { apiVersion, kind } = manifest
  const { [kind]: Model } = require(`kubernetes-models/${apiVersion}`)
  new Model(manifest).validate()
}

/** Of a Deployment, or a CronJob. */
function podOf({ kind, spec }: Document): Document | undefined {
  if (kind === 'CronJob') return spec.jobTemplate.spec.template.spec
  return kind === 'Deployment' ? spec.template.spec : undefined
}

const named = (kind: string, name: string): Document =>
  all.find((each) => each.kind === kind && each.metadata.name === name)

t.test('each is valid by the schema of its kind', async (t) => {
  for (const manifest of all)
    t.doesNotThrow(() => validate(manifest), `${manifest.kind} ${manifest.metadata.name}`)
  const wrong = structuredClone(named('Deployment', 'dasy-serve'))
  wrong.spec.template.spec.containers[0].ports[0].containerPort = 'http'
  t.throws(() => validate(wrong), 'and it would find a wrong value')
})

t.test('all are applied', async (t) => {
  t.strictSame([...kustomization.resources].sort(), files)
  const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'))
  t.match(kustomization.images, [{ name: 'dasy', newTag: version }])
})

t.test('pods: no root, a read-only file system, probes, resources', async (t) => {
  for (const manifest of all) {
    const pod = podOf(manifest)
    if (!pod) continue
    const { name } = manifest.metadata
    t.match(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, name)
    for (const container of pod.containers) {
      t.match(
        container.securityContext,
        { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        name,
      )
      t.ok(container.resources.requests.cpu && container.resources.limits.memory, `${name}: resources`)
      if (manifest.kind === 'Deployment')
        t.ok(container.livenessProbe && container.readinessProbe, `${name}: probes`)
      for (const { name: volume } of container.volumeMounts)
        t.ok(
          pod.volumes.some((each: Document) => each.name === volume),
          `${name}: volume ${volume}`,
        )
    }
  }
})

t.test('dasy has its home on one volume for all, a host, and a database from a secret', async (t) => {
  t.strictSame(named('PersistentVolumeClaim', 'dasy-home').spec.accessModes, ['ReadWriteMany'])
  const { DASY_HOME, DASY_HOST } = named('ConfigMap', 'dasy').data
  t.ok(DASY_HOST)
  const pods = all.filter((each) => podOf(each)?.containers[0].image === 'dasy')
  t.strictSame(
    pods.map(({ metadata }) => metadata.name),
    ['load-products', 'dasy-serve', 'dasy-work'],
  )
  for (const each of pods) {
    const { volumes, containers } = podOf(each)
    const [{ envFrom, volumeMounts }] = containers
    t.match(envFrom, [{ configMapRef: { name: 'dasy' } }, { secretRef: { name: 'dasy-database' } }])
    t.match(volumeMounts, [{ name: 'home', mountPath: DASY_HOME }])
    t.match(volumes, [{ name: 'home', persistentVolumeClaim: { claimName: 'dasy-home' } }])
  }
  t.notOk(
    all.some(({ kind }) => kind === 'Secret'),
    'no secret is in the files',
  )
})

t.test('the autoscaler asks for what the adapter answers', async (t) => {
  const { scaleTargetRef, metrics } = named('HorizontalPodAutoscaler', 'dasy-work').spec
  t.ok(named('Deployment', scaleTargetRef.name))
  t.match(metrics, [
    { external: { metric: { name: 'dasy_jobs', selector: { matchLabels: { state: 'waiting' } } } } },
  ])
  t.match(named('ConfigMap', 'prometheus-adapter').data['config.yaml'], /__name__="dasy_jobs"/)
  const { service } = named('APIService', 'v1beta1.external.metrics.k8s.io').spec
  t.ok(named('Service', service.name))
})

t.test('promtool accepts the configuration of its Prometheus', { skip: withoutPrometheus }, async (t) => {
  const path = join(folder(t), 'prometheus.yml')
  const configuration = parse(named('ConfigMap', 'prometheus').data['prometheus.yml'])
  for (const job of configuration.scrape_configs) {
    t.match(job.kubernetes_sd_configs, [{ role: 'pod', namespaces: { own_namespace: true } }])
    // Debian's Prometheus is built without it.
    delete job.kubernetes_sd_configs
  }
  writeFileSync(path, JSON.stringify(configuration))
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'config', '--syntax-only', path], {
    encoding: 'utf8',
  })
  t.equal(status, 0, `${stdout}${stderr}`)
})
