import { fitOf, type Sample, type Shape, shapeOf } from '../sample.js'
import { best, type Candidate, COMMA, CONSISTENT, candidateOf, said } from './candidate.js'
import type { Doubt, Given } from './detection.js'
import { type ChosenDelimiter, DOUBLE_QUOTE, Quotings } from './quotings.js'

/** Rule 2 of the detection in docs/csv.md, for a text that no delimiter splits into columns. */

const [SEMICOLON, TAB, PIPE, SPACE] = [0x3b, 0x09, 0x7c, 0x20]
/** The text is read under the first of these that splits none of it. */
const DELIMITERS = [COMMA, TAB, PIPE, SEMICOLON]
/** Only mentioned, because words, times and addresses contain them too. */
const RARE = [0x5e, 0x7e, 0x3a, 0x1f, 0x20, 0x21, 0x23, 0x2a, 0x2f, 0x5f]

/**
 * Chooses a delimiter that splits none of the text, unless the text consists of delimiters only.
 * @param judged the delimiters that the text contains
 */
export function oneColumn(
  text: Buffer,
  given: Given,
  final: boolean,
  judged: readonly Candidate[],
): ChosenDelimiter {
  const quotings = (delimiter: number) => new Quotings(text, delimiter, given, final)
  const empty = DELIMITERS.map(quotings).find((each) => best(each, given).sample.records.length === 0)
  if (empty) return { quotings: empty, doubts: [] }
  const samples = DELIMITERS.map((delimiter) => oneColumnOf(quotings(delimiter), given))
  const whole = samples.find((candidate) => candidate !== undefined) ?? best(quotings(COMMA), given)
  return { quotings: whole.quotings, doubts: oneColumnDoubts(text, given, final, judged, whole) }
}

/** With the quotes under which each record is one field; undefined if there are none. */
function oneColumnOf(quotings: Quotings, given: Given): Candidate | undefined {
  const sample = quotings.all.find((each) => fitOf(shapeOf(each, 1)) === 1)
  return sample && candidateOf(quotings, sample, given)
}

function oneColumnDoubts(
  text: Buffer,
  given: Given,
  final: boolean,
  judged: readonly Candidate[],
  whole: Candidate,
): Doubt[] {
  if (whole.asked > 1 && given.wanted.all.length > 0) return []
  /** The header has one column, and quotes stand around everything that the delimiter would split. */
  const isKeptWhole = (delimiter: number): boolean => {
    const quoted = new Quotings(text, delimiter, given, final)
    const sample = quoted.bestEscape(DOUBLE_QUOTE).sample
    const isOne = sample.needed > 0 && fitOf(shapeOf(sample, 1)) === 1
    return given.header && given.quote === undefined && isOne && shapeOf(quoted.without).first === 1
  }
  const splitting = judged.filter(({ sample, shape, delimiter }) => {
    const behind = shapeOf({ records: sample.records.slice(1) })
    const isColumns = behind.fields > 1 && fitOf(behind) >= CONSISTENT
    if (delimiter === whole.delimiter || isKeptWhole(delimiter)) return false
    return shape.first > 1 || isColumns || isTable(sample)
  })
  const [rival] = splitting.sort((a, b) => b.score - a.score)
  if (rival || whole.delimiter !== COMMA) {
    const seen = rival ? said(rival) : 'some records contain a comma'
    const delimiter = rival ? rival.delimiter : COMMA
    return [
      {
        text: `not sure of the delimiter: the file is read as one column, but ${seen}; --delimiter ${shellValue(delimiter)} decides`,
      },
    ]
  }
  const rare = RARE.filter((delimiter) => text.includes(delimiter))
    .map((delimiter) => new Quotings(text, delimiter, given, final))
    .map((quotings) => candidateOf(quotings, quotings.bestEscape(given.quote ?? DOUBLE_QUOTE).sample, given))
    .filter(({ sample, shape }) => isRareFit(sample, shape, given))
    .sort((a, b) => b.asked - a.asked || b.shape.fields - a.shape.fields)[0]
  if (!rare) return fixedWidth(whole)
  const better = { delimiter: flagValue(rare.delimiter) }
  return [
    {
      text: `the file is read as one column, but ${said(rare)}; --delimiter ${shellValue(rare.delimiter)} decides`,
      better,
    },
  ]
}

/** Some records have a table's regular fields, the others look like a frame around it. */
function isTable({ records }: Sample): boolean {
  const split = records.filter(({ count }) => count > 1)
  return split.length >= 3 && split.length * 3 >= records.length && fitOf(shapeOf({ records: split })) >= 0.9
}

function isRareFit({ records }: Sample, shape: Shape, { header }: Given): boolean {
  if (shape.fields < 2 || records.length < 2 || shape.records < 2) return false
  return fitOf(shape) >= 0.9 && (!header || shape.first === shape.fields)
}

/** Columns separated by several blanks, as in a file with columns of a fixed width. */
function fixedWidth({ sample }: Candidate): Doubt[] {
  const { records } = sample
  const counts = records.map(({ bytes }) => bytes.toString('latin1').trim().split(/ {2,}/).length)
  const [first = 0] = counts
  if (records.length < 2 || first < 2) return []
  if (counts.filter((count) => count === first).length < 0.75 * counts.length) return []
  return [
    {
      text: `the file is read as one column, but several blanks separate ${first} columns: dasy does not read columns of a fixed width; export them with a delimiter, and name it with --delimiter`,
    },
  ]
}

function flagValue(delimiter: number): string {
  return delimiter === TAB ? 'tab' : delimiter === SPACE ? 'space' : String.fromCharCode(delimiter)
}

function shellValue(delimiter: number): string {
  const value = flagValue(delimiter)
  return /^[\w,:^]/.test(value) ? value : `'${value}'`
}
