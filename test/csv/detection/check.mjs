// Reads files as they are detected and compares with what they say.
import { parse } from 'csv-parse/sync'
import { detectDialect } from '../../../dist/csv/detect.js'
import { Random } from '../fuzz/random.mjs'
import { makeFile } from './files.mjs'

/** @import { File } from './files.mjs' */

const NO_QUOTE = 1

/**
 * @param {number} seed @param {number} files
 * @returns {{ right: number, doubted: number, wrong: { file: File, number: number, found: unknown }[], unsure: { file: File, number: number, doubts: readonly string[] }[] }}
 */
export function checkFiles(seed, files) {
  const result = { right: 0, doubted: 0, wrong: /** @type {any[]} */ ([]), unsure: /** @type {any[]} */ ([]) }
  for (let number = 0; number < files; number += 1) {
    const file = makeFile(new Random(seed, number))
    const { isRight, doubts, found } = check(file)
    if (doubts.length > 0) result.doubted += 1
    if (isRight) result.right += 1
    else if (doubts.length === 0) result.wrong.push({ file, number, found })
    else result.unsure.push({ file, number, doubts, found })
  }
  return result
}

/** @param {File} file */
export function check({ text, records, columns, header, key, lines }) {
  const given = {
    trim: false,
    header,
    skipLines: 0,
    wanted: { key, all: key, known: [] },
    ...(header ? {} : { columns: columns.length, names: columns }),
  }
  const detected = detectDialect(Buffer.from(text), given, true)
  const doubts = detected.doubts.map((doubt) => doubt.text)
  // What is to be passed over is only said.
  const said = detected.doubts.find(({ better }) => better?.skipLines)?.better?.skipLines ?? 0
  const meant = header ? [columns, ...records] : records
  const found = read(text, detected.dialect, Math.max(detected.skipLines, said))
  return {
    isRight: said === lines && JSON.stringify(found) === JSON.stringify(meant),
    doubts,
    found,
    detected,
  }
}

/**
 * @param {string} text
 * @param {{ delimiter: number, quote: number, escape: number, trim: boolean }} dialect
 * @param {number} skipLines
 */
function read(text, dialect, skipLines) {
  const { delimiter, quote, escape: mark, trim } = dialect
  const character = (/** @type {number} */ byte) => String.fromCharCode(byte)
  const body = text
    .replace(/^\ufeff/, '')
    .replace(new RegExp(`^(?:[^\\r\\n]*(?:\\r\\n|\\n|\\r)){${skipLines}}`), '')
  try {
    return parse(body, {
      delimiter: character(delimiter),
      quote: quote === NO_QUOTE ? null : character(quote),
      escape: character(quote === NO_QUOTE ? 0x22 : mark),
      trim,
      relax_column_count: true,
      skip_empty_lines: true,
    })
  } catch (error) {
    return String(error)
  }
}
