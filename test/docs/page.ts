/**
 * A page of documentation as the commands in it. What a fenced block is for, its language says; two comments that no
 * reader sees say the rest:
 *
 * - `sh`: commands, run in the order of the page. One ends with its line, unless that ends with a backslash. It must
 *   succeed, or end with the status that its comment names: `# exit status 3`.
 * - `sql`: statements, run as the administrator of the page's database.
 * - any block below `<!-- file: NAME -->` is written to this file.
 * - any block below `<!-- output -->` is what the last command prints.
 * - `text` and `console` show something; `json` must be JSON, and `yaml` YAML.
 *
 * A block that is only indented is refused, because nobody can tell what it is for.
 */

export type Step =
  | { readonly kind: 'command'; readonly line: number; readonly text: string; readonly status: number }
  | { readonly kind: 'sql'; readonly line: number; readonly text: string }
  | { readonly kind: 'file'; readonly line: number; readonly text: string; readonly name: string }
  | { readonly kind: 'output'; readonly line: number; readonly text: string }
  | { readonly kind: 'json' | 'yaml'; readonly line: number; readonly text: string }

interface Block {
  /** Of its first line, counted from 1. */
  readonly line: number
  readonly language: string
  /** The comment right above it. */
  readonly comment: string
  readonly text: string
}

export function readPage(page: string): Step[] {
  return blocksOf(page).flatMap(stepsOf)
}

const SHOWN = ['text', 'console']

function stepsOf({ line, language, comment, text }: Block): Step[] {
  const [, name] = /^<!-- file: (\S+) -->$/.exec(comment) ?? []
  if (name) return [{ kind: 'file', line, text, name }]
  if (comment === '<!-- output -->') return [{ kind: 'output', line, text }]
  if (language === 'sh') return commandsOf(line, text)
  if (language === 'sql' || language === 'json' || language === 'yaml')
    return [{ kind: language, line, text }]
  if (SHOWN.includes(language)) return []
  throw new Error(`line ${line}: a block of "${language}" is neither run nor only shown`)
}

function commandsOf(line: number, text: string): Step[] {
  const steps: Step[] = []
  let command = ''
  for (const [index, each] of text.split('\n').entries()) {
    command += each
    if (each.endsWith('\\')) {
      command += '\n'
      continue
    }
    if (/^[^#]/.test(command)) {
      const status = Number(/# exit status (\d+)/.exec(command)?.[1] ?? 0)
      steps.push({ kind: 'command', line: line + index, text: command, status })
    }
    command = ''
  }
  return steps
}

function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  const lines = page.split('\n')
  let comment = ''
  for (let at = 0; at < lines.length; at++) {
    const current = lines[at] as string
    const [, language] = /^```(\w*)/.exec(current) ?? []
    if (language !== undefined) {
      const end = lines.indexOf('```', at + 1)
      if (end < 0) throw new Error(`line ${at + 1}: this block has no end`)
      blocks.push({ line: at + 2, language, comment, text: lines.slice(at + 1, end).join('\n') })
      at = end
    } else if (/^ {4}/.test(current) && lines[at - 1] === '') {
      throw new Error(`line ${at + 1}: only indented; use a fenced block that says what it is`)
    }
    if (current !== '') comment = /^<!-- .* -->$/.test(current) ? current : ''
  }
  return blocks
}
