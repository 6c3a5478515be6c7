#!/usr/bin/env node
// Prints a part of the lines on standard input, chosen by a seed: the same seed and lines, the same choice.
// … | node scripts/draw.mjs --share 0.33 --seed 4711
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { share: { type: 'string' }, seed: { type: 'string' } } })
const share = Number(values.share)
if (!(share > 0 && share <= 1) || values.seed === undefined) {
  console.error('draw: --share needs a part of 1, and --seed a text')
  process.exit(2)
}

const lines = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
const places = new Map(
  lines.map((line) => [line, createHash('sha256').update(`${values.seed} ${line}`).digest('hex')]),
)
const drawn = new Set(
  [...lines]
    .sort((a, b) => (/** @type {string} */ (places.get(a)) < /** @type {string} */ (places.get(b)) ? -1 : 1))
    .slice(0, Math.ceil(lines.length * share)),
)
for (const line of lines) if (drawn.has(line)) console.log(line)
