#!/usr/bin/env node
// Records sessions of the real program on a real terminal, as pictures for the documentation: docs/casts/*.svg. Needs "script" (util-linux)
// and a build: npm run casts.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'

const COLUMNS = 100
const ROWS = 60
/** Of a character, in pixels. */
const [WIDTH, HEIGHT] = [8.4, 18]
/** The colors 0 to 15 of a terminal, on a dark ground. */
const COLORS = [
  ...['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'],
  ...['#7f848e', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#ffffff'],
]

const SESSIONS = {
  load: ['dasy ingest examples/products.csv', 'dasy ingest examples/products.csv', 'dasy runs'],
  plan: [
    'dasy ingest examples/products.csv --quiet',
    "sed 's/Charles/Karl/' examples/products.csv > new.csv",
    'dasy plan new.csv',
    'dasy apply 2',
    'dasy undo 2',
  ],
  rejects: ['dasy ingest examples/files/broken.csv', 'dasy rejects 1', 'dasy resume 1 --max-rejects 10'],
}

const root = fileURLToPath(new URL('..', import.meta.url))
mkdirSync(`${root}/docs/casts`, { recursive: true })
for (const [name, lines] of Object.entries(SESSIONS))
  writeFileSync(`${root}/docs/casts/${name}.svg`, await picture(record(lines), lines.join('; ')))

/** What a terminal was sent by the commands, each after its prompt. @param {string[]} lines */
function record(lines) {
  const folder = mkdtempSync(join(tmpdir(), 'dasy-cast-'))
  cpSync(`${root}/examples`, `${folder}/examples`, { recursive: true })
  const dasy = `dasy() { node '${root}bin/dasy.js' "$@"; }`
  try {
    run(`${dasy}; dasy db start --quiet`)
    return lines.map((line) => `\x1b[32m$\x1b[0m ${line}\r\n${run(`${dasy}; ${line}`)}`).join('\r\n')
  } finally {
    run(`${dasy}; dasy db destroy --yes --quiet`)
    rmSync(folder, { recursive: true, force: true })
  }

  /** @param {string} command */
  function run(command) {
    const { DATABASE_URL: _, NO_COLOR: __, ...env } = process.env
    const { stdout, error } = spawnSync(
      'script',
      ['-qec', `stty cols ${COLUMNS} rows ${ROWS}; ${command}`, '/dev/null'],
      {
        cwd: folder,
        env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/bash', TZ: 'UTC' },
        encoding: 'utf8',
      },
    )
    if (error) throw error
    return stdout
  }
}

/** The terminal after all was written. @param {string} written @param {string} title */
async function picture(written, title) {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 1000, allowProposedApi: true })
  await new Promise((resolve) => terminal.write(written, () => resolve(undefined)))
  const { active } = terminal.buffer
  const rows = Array.from({ length: active.length }, (_, row) => runsOf(active.getLine(row)))
  terminal.dispose()
  while (rows.at(-1)?.length === 0) rows.pop()
  const size = `width="${Math.ceil(COLUMNS * WIDTH) + 32}" height="${rows.length * HEIGHT + 32}"`
  const texts = rows.flatMap((runs, row) =>
    runs.map(({ text, column, style }) => {
      const at = `x="${(16 + column * WIDTH).toFixed(1)}" y="${30 + row * HEIGHT}"`
      return `<text ${at} textLength="${(text.length * WIDTH).toFixed(1)}"${style}>${inPlace(text)}</text>`
    }),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" fill="#d8dee9">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#1e222a"/>`,
    ...texts,
    '</svg>\n',
  ].join('\n')
}

/** The pieces of a line that look the same. @param {import('@xterm/headless').IBufferLine | undefined} line */
function runsOf(line) {
  /** @type {{ text: string, column: number, style: string }[]} */
  const runs = []
  for (let column = 0; column < COLUMNS; column++) {
    const cell = line?.getCell(column)
    if (!cell) continue
    const text = cell.getChars() || ' '
    const color = cell.isFgPalette() ? COLORS[cell.getFgColor()] : undefined
    const style = `${color ? ` fill="${color}"` : ''}${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`
    const last = runs.at(-1)
    if (last && last.style === style) last.text += text
    else runs.push({ text, column, style })
  }
  return runs.map((run) => ({ ...run, text: run.text.trimEnd() })).filter(({ text }) => text !== '')
}

/** With blanks that a browser keeps. @param {string} text */
function inPlace(text) {
  return escaped(text).replaceAll(' ', '\u00a0')
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
