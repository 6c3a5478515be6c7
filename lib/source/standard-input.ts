/** The name of standard input on a command line, in a receipt and in the ledger. */
export const STANDARD_INPUT = '-'

/** Its name in messages. */
const SHOWN = 'standard input'

/** A source's name in messages. The part after "#" is an archive's entry. */
export function shownName(name: string): string {
  return name.replace(/^-(?=#|$)/, SHOWN)
}

/** A source's name as on the command line, for receipts and the ledger. */
export function typedName({ name, path }: { readonly name: string; readonly path: string | null }): string {
  return path === null && (name === SHOWN || name.startsWith(`${SHOWN}#`))
    ? `${STANDARD_INPUT}${name.slice(SHOWN.length)}`
    : name
}
