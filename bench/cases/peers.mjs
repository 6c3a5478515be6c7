// The same file with every program on this machine. Some do less than dasy; their names say so.
import { seconds } from '../figures.mjs'
import { pgloader } from '../peers/pgloader.mjs'
import { copyStreamsUpsert, csvParseUpsert } from '../peers/programs.mjs'
import { copyBare, copyDeduplicated, makeCountedRival, upsertInSql } from '../peers/psql.mjs'
import { versionOf } from '../process.mjs'
import { ingest } from '../sides.mjs'

/** @type {import('../runner.mjs').Case} */
export default {
  name: 'peers',
  what: 'an empty table, with every program',
  chart: true,
  async plan(bench, { rows, workers }) {
    const file = await bench.files.products({ records: rows })
    const dasy = ingest(bench, file, workers)
    const sql = upsertInSql(bench, file, () => makeCountedRival(bench))
    const parsed = csvParseUpsert(bench, file)
    const streamed = copyStreamsUpsert(bench, file)
    const loader = versionOf('pgloader') ? await pgloader(bench, file) : undefined
    const faster = (/** @type {string} */ of, /** @type {number} */ must, /** @type {number} */ aim) => ({
      of,
      to: dasy.name,
      figure: seconds,
      must,
      aim,
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
      claims: [
        faster(sql.name, 1.7, 2),
        faster(parsed.name, 4, 5),
        ...(loader ? [faster(loader.name, 8, 10)] : []),
      ],
      missing: loader ? [] : ['pgloader is left out: it is not on this machine (apt-get install pgloader)'],
    }
  },
}
