#!/usr/bin/env node
// Kills a load, or what changes a table without one, at hundreds of moments, and checks that it always ends in the same
// state; see the help text below.
import { parseArgs } from 'node:util'
import { Campaign } from '../test/run/kill/campaign.mjs'
import { summaryOf, totalOf } from '../test/run/kill/summary.mjs'

const HELP = `Usage: node scripts/kill-test.mjs [options]      (after "npm run build")

Runs a command again and again, and each time kills something: dasy, a thread of it, a session, the
server. Then the tables, and the changes that are kept, must be exactly as before or exactly as after
it; going on must succeed and leave nothing behind. Starts and removes its own servers. Ctrl-C ends it.

  --of <what>      loads: ingest of a product file, with and without --sync (default); changes: apply,
                   undo and purge
  --kills <n>      rounds, each with a kill or several (default 300)
  --seed <n>       another number, other choices (default 1)
  --records <n>    size of the file (default 100000)
  --debian         on Debian's PostgreSQL 15 instead of the embedded one
  --only <n>       plays this round alone
  --help           shows this help
`

const { values } = parseArgs({
  options: {
    of: { type: 'string', default: 'loads' },
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    records: { type: 'string', default: '100000' },
    debian: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else process.exitCode = await main()

async function main() {
  const tell = (/** @type {string} */ line) => console.log(line)
  const [seed, rounds, records] = [Number(values.seed), Number(values.kills), Number(values.records)]
  if (![seed, rounds, records].every(Number.isSafeInteger))
    throw new Error('a number is expected; see --help')
  const { of } = values
  if (of !== 'loads' && of !== 'changes') throw new Error('--of is loads or changes')
  const only = values.only === undefined ? undefined : Number(values.only)
  tell(`seed ${seed}, ${rounds} rounds of ${of}, ${records} records`)
  const campaign = await Campaign.open({ of, seed, rounds, records, debian: values.debian, only, tell })
  let stops = 0
  process.on('SIGINT', () => {
    stops += 1
    if (stops === 1) tell('ending after this round')
    campaign.stop()
  })
  process.on('SIGTERM', () => campaign.stop())
  const progress = setInterval(() => process.stderr.write(`… ${totalOf(campaign.played)}\n`), 30_000)
  try {
    await campaign.run()
  } finally {
    clearInterval(progress)
    await campaign.close()
  }
  for (const line of summaryOf(campaign.played)) tell(line)
  tell(`${totalOf(campaign.played)} (seed ${seed})`)
  return campaign.failures.length > 0 || stops > 0 ? 1 : 0
}
