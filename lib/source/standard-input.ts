/** The word for standard input on a command line, in a receipt and in the ledger. */
export const STANDARD_INPUT = '-'

/** What messages call it. */
const SHOWN = 'standard input'

/** A source's name as a person is told it; what stands behind "#" is an archive's entry. */
export function shownName(name: string): string {
  return name.replace(/^-(?=#|$)/, SHOWN)
}

/** The same as it was typed: for receipts and the ledger. */
export function typedName({ name, path }: { readonly name: string; readonly path: string | null }): string {
  return path === null && (name === SHOWN || name.startsWith(`${SHOWN}#`))
    ? `${STANDARD_INPUT}${name.slice(SHOWN.length)}`
    : name
}
