import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  type Segment,
} from 'jsonc-parser'
import { DasyError, EXIT } from '../base/errors.js'

/** Messages for the parser's errors. */
const MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not a value; text needs double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon',
  CommaExpected: 'expected a comma or a closing bracket',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'expected the end of the file',
  UnexpectedEndOfComment: 'the comment is not closed',
  UnexpectedEndOfString: 'the text is not closed',
  UnexpectedEndOfNumber: 'the number is not complete',
  InvalidUnicode: 'this is not a \\u escape',
  InvalidEscapeCharacter: 'this is not an escape; a backslash is written \\\\',
  InvalidCharacter: 'this character is not allowed here',
}

/** JSON with comments and trailing commas, with the position of each value. */
export class JsonDocument {
  readonly #root: Node | undefined

  /**
   * @param name its name in errors
   * @throws DasyError BAD_CONFIG with line and column
   */
  constructor(
    readonly name: string,
    readonly text: string,
  ) {
    const errors: ParseError[] = []
    this.#root = parseTree(text, errors, { allowTrailingComma: true })
    const [first] = errors
    if (first)
      throw this.#failure(first.offset, MESSAGES[printParseErrorCode(first.error)] ?? 'this is not JSON')
    if (!this.#root) throw this.#failure(0, 'the file is empty')
    this.#refuseRepeats(this.#root)
  }

  /** Its value, as JSON.parse returns it. */
  get value(): unknown {
    return getNodeValue(this.#root as Node)
  }

  /** The offset of a value. @param name a property of it: then the offset of that property's name */
  offsetOf(path: readonly Segment[], name?: string): number {
    const node = (path.length > 0 ? this.#find(path) : this.#root) ?? (this.#root as Node)
    const property = node.children?.find((each) => each.children?.[0]?.value === name)
    return name === undefined || !property ? node.offset : property.offset
  }

  /** An error at a value, or at the name of a property. */
  failure(path: readonly Segment[], message: string, hint?: string, name?: string): DasyError {
    return this.#failure(this.offsetOf(path, name), message, hint)
  }

  #find(path: readonly Segment[]): Node | undefined {
    return findNodeAtLocation(this.#root as Node, [...path])
  }

  #failure(offset: number, message: string, hint?: string): DasyError {
    const lines = this.text.slice(0, offset).split('\n')
    const line = lines.length
    const column = (lines.at(-1) as string).length + 1
    return new DasyError('BAD_CONFIG', `${this.name}, line ${line}, column ${column}: ${message}`, {
      hint,
      exitStatus: EXIT.usage,
      details: { file: this.name, line, column },
    })
  }

  /** A JSON parser would use the last value of a repeated name and ignore the others without a message. */
  #refuseRepeats(node: Node): void {
    const seen = new Set<string>()
    for (const child of node.children ?? []) {
      const [key] = child.type === 'property' ? (child.children ?? []) : []
      if (key && seen.has(key.value)) throw this.#failure(key.offset, `"${key.value}" is given twice`)
      if (key) seen.add(key.value)
      this.#refuseRepeats(child)
    }
  }
}
