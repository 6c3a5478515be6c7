// The same file with every program on this machine. Some do less than dasy; their names say so.
import { seconds } from '../figures.mjs'
import { versionOf } from '../measure/process.mjs'
import { pgloader } from '../peers/pgloader.mjs'
import { copyStreamsUpsert, csvParseUpsert } from '../peers/programs.mjs'
import { copyBare, copyDeduplicated, makeCountedRival, upsertInSql } from '../peers/psql.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'peers',
  what: 'an empty table, with every program',
  chart: true,
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    const dasy = ingest(bench, file, workers)
    const sql = upsertInSql(bench, file, () => makeCountedRival(bench))
    const parsed = csvParseUpsert(bench, file)
    const streamed = copyStreamsUpsert(bench, file)
    const loader = versionOf('pgloader') ? await pgloader(bench, file) : undefined
    const slower = (/** @type {string} */ of, /** @type {number} */ must) => ({
      of,
      to: dasy.name,
      figure: seconds,
      must,
      atLeast: true,
    })
    return {
      sides: [
        dasy,
        await copyDeduplicated(bench, file),
        copyBare(bench, file),
        sql,
        streamed,
        parsed,
        ...(loader ? [loader] : []),
      ],
      claims: [slower(sql.name, 1.8), slower(parsed.name, 4), ...(loader ? [slower(loader.name, 8)] : [])],
      missing: loader ? [] : ['pgloader is left out: it is not on this machine (apt-get install pgloader)'],
    }
  },
}
