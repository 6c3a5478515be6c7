// The same large file from elsewhere: compressed, from a web server, through standard input.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from '../figures.mjs'
import { ingest } from '../sides.mjs'

const SERVER = fileURLToPath(new URL('../web-server.mjs', import.meta.url))

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'sources',
  what: 'the large file compressed, from a web server, and through standard input',
  large: true,
  async plan(bench, { large, workers }) {
    const file = await bench.files.products({ records: large })
    const compressed = `${file.path}.gz`
    await bench.measure('sh', ['-c', 'gzip -c "$0" > "$1"', file.path, compressed])
    const server = await serve(bench)
    const plain = ingest(bench, file, workers)
    const gunzip = {
      name: 'gzip -dc > /dev/null',
      run: () => bench.measure('sh', ['-c', 'gzip -dc "$0" > /dev/null', compressed]),
    }
    const from = (
      /** @type {string} */ source,
      /** @type {string} */ name,
      /** @type {string | undefined} */ input = undefined,
    ) =>
      ingest(bench, { ...file, path: source }, workers, {
        name,
        truth: file,
        ...(input === undefined ? {} : { input }),
      })
    const sides = [
      plain,
      gunzip,
      from(compressed, 'dasy ingest, gzip'),
      from(`${server.url}/${basename(file.path)}`, 'dasy ingest, URL'),
      from('-', 'dasy ingest, standard input', file.path),
    ]
    return {
      sides,
      claims: [
        { of: 'dasy ingest, gzip', to: [plain.name, gunzip.name], figure: seconds, must: 1.3, aim: 1.1 },
        { of: 'dasy ingest, URL', to: plain.name, figure: seconds, must: 1.2, aim: 1.1 },
        { of: 'dasy ingest, standard input', to: plain.name, figure: seconds, must: 1.2, aim: 1.1 },
      ],
      close: () => server.close(),
    }
  },
}

/** @param {import('../workbench.mjs').Workbench} bench */
async function serve(bench) {
  const child = spawn(process.execPath, [SERVER, bench.folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  return { url: String(line).trim(), close: () => child.stdin.end() }
}
