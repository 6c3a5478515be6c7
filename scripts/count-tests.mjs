#!/usr/bin/env node
// Prints "PASSED FAILED", the assertions that tap counted in a log of a run without a terminal:
// node scripts/count-tests.mjs LOG
import { readFileSync } from 'node:fs'

// "# { total: 12, pass: 11, fail: 1 }"; zero counts are omitted.
const log = readFileSync(process.argv[2] ?? '', 'utf8')
const summary = log.split('\n').findLast((line) => /^# \{ total: /.test(line)) ?? ''

/** @param {string} word */
const number = (word) => Number(new RegExp(`\\b${word}: (\\d+)`).exec(summary)?.[1] ?? 0)
console.log(number('pass'), number('fail'))
