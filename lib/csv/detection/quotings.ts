import { NO_QUOTE } from '../../contract/dialect-options.js'
import type { Dialect } from '../dialect.js'
import { type Sample, sampleOf } from '../sample.js'
import type { Doubt, Given } from './detection.js'

export const [DOUBLE_QUOTE, APOSTROPHE, BACKSLASH] = [0x22, 0x27, 0x5c] as const

/** A text under one delimiter and any quotes; each sample is read once, when it is needed. */
export class Quotings {
  readonly #text: Buffer
  readonly #final: boolean
  readonly #samples = new Map<string, Sample>()
  #mayHaveApostrophes: boolean | undefined

  constructor(
    text: Buffer,
    readonly delimiter: number,
    readonly given: Given,
    final: boolean,
  ) {
    this.#text = text
    this.#final = final
  }

  sample(quote: number, mark = quote, trim = this.given.trim): Sample {
    const id = `${quote} ${mark} ${trim}`
    const sample = this.#samples.get(id) ?? this.#read(quote, mark, trim)
    this.#samples.set(id, sample)
    return sample
  }

  #read(quote: number, mark: number, trim: boolean): Sample {
    const dialect: Dialect = { delimiter: this.delimiter, quote, escape: mark, trim }
    // The text contains no such quote, so the sample is the same as without quotes.
    if (quote !== NO_QUOTE && !this.#text.includes(quote))
      return { ...this.sample(NO_QUOTE, NO_QUOTE, trim), dialect }
    return sampleOf(this.#text, dialect, this.#final)
  }

  get without(): Sample {
    return this.sample(NO_QUOTE)
  }

  /** The first record alone: with the given or with double quotes, and without quotes. */
  get firstOnly(): Sample[] {
    const { delimiter } = this
    const { quote = DOUBLE_QUOTE, escape: mark = quote, trim } = this.given
    const quoted: Dialect = { delimiter, quote, escape: mark, trim }
    const without: Dialect = { delimiter, quote: NO_QUOTE, escape: NO_QUOTE, trim }
    return [quoted, without].map((dialect) => sampleOf(this.#text, dialect, false, 1))
  }

  /** The samples that judge the delimiter: with each kind of quote that the text might have, and without quotes. */
  get all(): Sample[] {
    const { given } = this
    if (given.quote !== undefined) return [this.#escaped(given.quote), this.#trimmed(given.quote)].flat()
    const double = this.has('"') ? [this.#escaped(DOUBLE_QUOTE), this.#trimmed(DOUBLE_QUOTE)].flat() : []
    const single = this.mayHaveApostrophes
      ? [this.#escaped(APOSTROPHE), this.#trimmed(APOSTROPHE)].flat()
      : []
    return [...double, this.without, ...single]
  }

  /** With quotes that are doubled, and with quotes that a backslash escapes if the text contains that. */
  #escaped(quote: number): Sample[] {
    const { given } = this
    if (given.escape !== undefined) return [this.sample(quote, given.escape)]
    const doubled = this.sample(quote)
    const isOpen = quote !== NO_QUOTE && this.delimiter !== BACKSLASH && doubled.faulty > 0
    return isOpen && this.#text.includes(Buffer.of(BACKSLASH, quote))
      ? [doubled, this.sample(quote, BACKSLASH)]
      : [doubled]
  }

  #trimmed(quote: number): Sample[] {
    const [usual] = this.#escaped(quote) as [Sample]
    if (this.given.trim || quote === NO_QUOTE || usual.faulty === 0) return []
    return [this.sample(quote, usual.dialect.escape, true)]
  }

  has(character: string): boolean {
    return this.#text.includes(character)
  }

  /** Whether an apostrophe stands at the edge of a field. */
  get mayHaveApostrophes(): boolean {
    this.#mayHaveApostrophes ??= this.given.escape !== APOSTROPHE && this.has("'") && this.#hasAtEdge()
    return this.#mayHaveApostrophes
  }

  #hasAtEdge(): boolean {
    const delimiter = String.fromCharCode(this.delimiter)
    const edges = [`'${delimiter}`, `${delimiter}'`, `${delimiter} '`, "'\n", "\n'", "'\r"]
    return edges.some((edge) => this.has(edge))
  }

  /** A backslash is an escape only if quotes are misplaced otherwise; the number of fields does not matter. */
  bestEscape(quote: number, trim = this.given.trim): { sample: Sample; doubts: Doubt[] } {
    const [doubled, backslash] = this.#escaped(quote).map(({ dialect }) =>
      this.sample(quote, dialect.escape, trim),
    ) as [Sample, Sample | undefined]
    if (!backslash || backslash.faulty >= doubled.faulty) return { sample: doubled, doubts: [] }
    if (backslash.faulty < doubled.faulty / 4) return { sample: backslash, doubts: [] }
    const bad = ({ faulty, records }: Sample) => `${faulty} of ${records.length} records`
    const text = `not sure of the escape: ${bad(doubled)} are bad if quotes are doubled, ${bad(backslash)} if a backslash escapes them; --escape decides`
    return { sample: doubled, doubts: [{ text, better: { escape: '\\' } }] }
  }
}

/** A delimiter, with which quotes can be tried. */
export interface ChosenDelimiter {
  readonly quotings: Quotings
  readonly doubts: readonly Doubt[]
}
