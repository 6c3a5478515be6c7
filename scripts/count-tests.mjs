#!/usr/bin/env node
// Prints "PASSED FAILED", the assertions in the summary that tap printed into a log: node count-tests.mjs LOG
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

const log = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'))
// "Asserts:  10 pass  1 fail  11 of 11 complete"; what is zero is left out.
const summary = log.split('\n').findLast((line) => /^\s*Asserts:/.test(line)) ?? ''
const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0)
console.log(number('pass'), number('fail'))
