import { parseArgs } from 'node:util'
import { type Command, type Flag, helpFlag, withSubcommands } from './command.js'

/** What a command line consists of. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly literal: boolean }
  | {
      readonly kind: 'flag'
      readonly name: string
      /** As it was typed: --name, -n. */
      readonly raw: string
      readonly value: string | undefined
      /** Whether the value stands in the same word: --name=value. */
      readonly inline: boolean
    }

/** @param flags tells which of them take a value */
export function tokenize(args: readonly string[], flags: Readonly<Record<string, Flag>>): Token[] {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, alias }]) => [
      name,
      { type, multiple: true, ...(alias && { short: alias }) },
    ]),
  )
  const parsed = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  let literal = false
  return parsed.tokens.flatMap((token): Token[] => {
    if (token.kind === 'option-terminator') literal = true
    else if (token.kind === 'positional') return [{ kind: 'word', text: token.value, literal }]
    else {
      const { name, rawName: raw, value, inlineValue: inline = false } = token
      // "-w=4": parseArgs takes the "=" of a short flag for a part of its value.
      const isShort = inline && !raw.startsWith('--')
      return [{ kind: 'flag', name, raw, value: isShort ? value?.replace(/^=/, '') : value, inline }]
    }
    return []
  })
}

/** The words of a command line whose command is not known yet: flags may stand in front of it. */
export function wordsOf(args: readonly string[], commands: readonly Command[]): string[] {
  const flags = Object.assign({}, ...withSubcommands(commands).map(({ options }) => options), helpFlag)
  return tokenize(args, flags).flatMap((token) =>
    token.kind === 'word' && !token.literal ? [token.text] : [],
  )
}
