import t from 'tap'
import { checkFiles } from './check.mjs'

/** A tenth of `node scripts/detection.mjs --files 2000 --seed 7`. */
const SEED = Number(process.env.SEED ?? 7)
const FILES = 200

t.test(`well-formed files of every dialect, seed ${SEED}`, async (t) => {
  const { right, wrong, unsure } = checkFiles(SEED, FILES)
  t.same(
    wrong.map(({ file, number }) => ({ number, ...file.dialect, text: file.text.slice(0, 200) })),
    [],
    'none is read wrongly without a doubt',
  )
  t.ok(right >= 0.99 * FILES, `${right} of ${FILES} are read rightly`)
  t.comment(unsure.map(({ number, doubts }) => `${number}: ${doubts}`).join('\n'))
})
