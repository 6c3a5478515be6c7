#!/usr/bin/env node
// One process that probes the machine, and prints what it found as JSON.
//
//   node bench/measure/probe.mjs calculate   a fixed calculation: its seconds
//   node bench/measure/probe.mjs touch       memory touched for the first time: microseconds a page, and copied again: GB/s
//   node bench/measure/probe.mjs burn        calculates until it is ended, or the process that started it
const ITERATIONS = 400e6
const PAGE = 4096
const BYTES = 256 * 2 ** 20

/** @param {number} iterations */
function calculate(iterations) {
  let x = 2463534242
  for (let n = 0; n < iterations; n++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
  }
  return x
}

/** @param {() => unknown} work */
function secondsOf(work) {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}

function touch() {
  const memory = Buffer.allocUnsafeSlow(BYTES)
  const each = () => {
    for (let at = 0; at < BYTES; at += PAGE) memory[at] = 1
  }
  const faultsBefore = process.resourceUsage().minorPageFault
  const first = secondsOf(each)
  const faults = process.resourceUsage().minorPageFault - faultsBefore
  const second = secondsOf(each)
  const half = BYTES / 2
  const copied = secondsOf(() => memory.copy(memory, half, 0, half))
  return {
    microsecondsAPage: ((first - second) / (BYTES / PAGE)) * 1e6,
    // One where each page is a fault of its own; far less with huge pages.
    faultsAPage: faults / (BYTES / PAGE),
    gigabytesCopied: half / copied / 1e9,
  }
}

switch (process.argv[2]) {
  case 'calculate':
    calculate(1e6) // compiled, before it is timed
    console.log(JSON.stringify({ seconds: secondsOf(() => calculate(ITERATIONS)) }))
    break
  case 'touch':
    console.log(JSON.stringify(touch()))
    break
  default:
    // In a session of its own it does not get the Ctrl-C of a terminal.
    for (const parent = process.ppid; process.ppid === parent; ) calculate(ITERATIONS)
}
