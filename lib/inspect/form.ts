/** Numbers and dates in forms that stay text, and how to cast them after the load. */

interface Form {
  readonly name: string
  readonly pattern: RegExp
  /** What at least one value must match: the pattern alone fits whole numbers, and days that could be months. */
  readonly telling: RegExp
  readonly type: string
  /** @param column as SQL spells it */
  readonly cast: (column: string) => string
}

const FORMS: readonly Form[] = [
  {
    name: 'decimal commas',
    pattern: /^-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$/,
    telling: /,/,
    type: 'numeric',
    cast: (column) => `replace(replace(${column}, '.', ''), ',', '.')::numeric`,
  },
  {
    name: 'dates such as 31.12.2025',
    pattern: /^(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.\d{4}$/,
    telling: /./,
    type: 'date',
    cast: (column) => `to_date(${column}, 'DD.MM.YYYY')`,
  },
  {
    name: 'dates such as 31/12/2025',
    pattern: /^(?:0?[1-9]|[12]\d|3[01])\/(?:0?[1-9]|1[0-2])\/\d{4}$/,
    telling: /^(?:1[3-9]|2\d|3[01])\//,
    type: 'date',
    cast: (column) => `to_date(${column}, 'DD/MM/YYYY')`,
  },
  {
    name: 'dates such as 12/31/2025',
    pattern: /^(?:0?[1-9]|1[0-2])\/(?:0?[1-9]|[12]\d|3[01])\/\d{4}$/,
    telling: /\/(?:1[3-9]|2\d|3[01])\//,
    type: 'date',
    cast: (column) => `to_date(${column}, 'MM/DD/YYYY')`,
  },
]

/** Characters of the longest value in any form. */
const LONGEST = 30

/** Finds a form that all values of a column have. */
export class FormCheck {
  #forms = FORMS.map((form) => ({ form, told: false }))

  /** Whether a form still fits all values so far. */
  get isOpen(): boolean {
    return this.#forms.length > 0
  }

  add(text: string): void {
    this.#forms = text.length > LONGEST ? [] : this.#forms.filter(({ form }) => form.pattern.test(text))
    for (const each of this.#forms) each.told ||= each.form.telling.test(text)
  }

  /** @param name of the column */
  note(name: string): string | undefined {
    const found = this.#forms.find(({ told }) => told)
    if (!found) return undefined
    const { form } = found
    const column = `"${name.replaceAll('"', '""')}"`
    return `${name}: ${form.name} stay text; after the load, ALTER COLUMN ${column} TYPE ${form.type} USING ${form.cast(column)}`
  }
}
