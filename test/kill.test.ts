import t from 'tap'
import { Campaign } from './kill/campaign.mjs'
import { summaryOf, totalOf } from './kill/summary.mjs'
import { VICTIMS } from './kill/victims.mjs'

/** The short form of scripts/kill-test.mjs, on servers of its own: each victim once, each moment at least once. */
t.test('whatever is killed whenever, a load ends in the same state', { timeout: 240_000 }, async (t) => {
  const tell = (line: string) => t.comment(line)
  const rounds = VICTIMS.length
  const campaign = await Campaign.open({
    rounds,
    seed: 1,
    records: 10_000,
    debian: false,
    only: undefined,
    tell,
  })
  t.teardown(() => campaign.close())
  await campaign.run()
  for (const line of summaryOf(campaign.played)) t.comment(line)
  t.comment(totalOf(campaign.played))
  for (const { title, error } of campaign.played) t.error(error, title)
})
