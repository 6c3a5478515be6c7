// The chart that README.md shows: a plain bar chart, as SVG. It has no background, and colours of medium
// lightness, so that it is readable on white and on black.
import { median, seconds } from './figures.mjs'
import { busyWarning, machineLine } from './measure/machine.mjs'

const WIDTH = 760
const LEFT = 240
const RIGHT = 80
const BAR = 16
const LINE = 24
const GAP = 20
const TEXT = '#7d8590'
const OWN = '#2f81f7'
const OTHER = '#a0a8b2'

/**
 * @typedef {import('./runner.mjs').CaseResult} CaseResult
 * @typedef {{ title: string, results: CaseResult[], machine: import('./measure/machine.mjs').Machine, times: number }} Drawing
 */

/** @param {Drawing} drawing */
export function chart({ title, results, machine, times }) {
  const groups = results.map(({ what, sides }) => ({
    what,
    bars: sides
      .map(({ name, runs }) => ({ name, value: median(runs.map(seconds.of)) }))
      .sort((a, b) => a.value - b.value),
  }))
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const parts = [text(0, 18, title, 'font-size="16" font-weight="600"')]
  let y = 26
  for (const { what, bars } of groups) {
    y += GAP
    parts.push(text(0, y, what, 'font-weight="600"'))
    for (const { name, value } of bars) {
      parts.push(bar(y + 10, name, value, longest))
      y += LINE
    }
    y += 6
  }
  const method = `Whole processes in seconds, shorter is better; medians of ${times}, in turn on one server.`
  const where = `${machineLine(machine)}, ${machine.date}`
  const lines = [method, where, busyWarning(machine)].filter((line) => line !== undefined)
  parts.push(...lines.map((line, index) => text(0, y + 22 + 18 * index, line)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12 + 18 * lines.length}" width="${WIDTH}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>${escaped(title)}</title>
${parts.join('\n')}
</svg>
`
}

/** @param {number} y @param {string} name @param {number} value @param {number} longest */
function bar(y, name, value, longest) {
  const width = Math.max(1, (value / longest) * (WIDTH - LEFT - RIGHT))
  const isOwn = name.startsWith('dasy')
  const middle = y + BAR - 4
  return [
    text(LEFT - 10, middle, name, `text-anchor="end"${isOwn ? ' font-weight="600"' : ''}`),
    `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${isOwn ? OWN : OTHER}"/>`,
    text(LEFT + width + 8, middle, seconds.show(value)),
  ].join('\n')
}

/** @param {number} x @param {number} y @param {string} content @param {string} [attributes] */
function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${TEXT}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`
}

/** @param {string} content */
function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
