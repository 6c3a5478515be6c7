#!/usr/bin/env node
// Makes well-formed files of every dialect and looks whether they are read as they were meant:
//   node scripts/detection.mjs --files 2000 --seed 7
// None may be read wrongly without a doubt, and 99 of 100 must be read rightly. `npm run build` first.
import { parseArgs } from 'node:util'
import { checkFiles } from '../test/csv/detection/check.mjs'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    verbose: { type: 'boolean' },
  },
})
const files = Number(values.files)
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
const began = performance.now()
const { right, doubted, wrong, unsure } = checkFiles(seed, files)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
const percent = ((100 * right) / files).toFixed(2)
console.log(
  `seed ${seed}: ${files} files, ${right} (${percent}%) read rightly, ${doubted} with a doubt, ${wrong.length} wrongly without one, ${seconds} s`,
)
for (const { file, number } of wrong)
  console.log(`wrong: file ${number}`, file.dialect, JSON.stringify(file.text.slice(0, 300)))
if (values.verbose)
  for (const { file, number, doubts } of unsure)
    console.log(`unsure: file ${number}`, file.dialect, doubts, JSON.stringify(file.text.slice(0, 300)))
process.exitCode = wrong.length > 0 || right < 0.99 * files ? 1 : 0
