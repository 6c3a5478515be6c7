import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'

// The map of rooms in docs/architecture.md is the rule: a room imports from the rooms above it in that table, by their
// doors. And no file imports itself by way of others. This reads every import of lib/: static, dynamic and of types.

const APART = ['csv', 'source', 'db'] // neighbours that do not know each other
const map = [...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `([\w.]+)\/?` \|.*\|([^|]*)\|$/gm)]
const rooms = map.map(([, room]) => room as string)
const doors = new Map(
  map.map(([, room, list]) => [room, [...(list ?? '').matchAll(/`([^`]+)`/g)].map(([, door]) => door)]),
)

function imports(file: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'URL') return // a process or thread of its own
    if (ts.isStringLiteral(node) && /^\.{1,2}\//.test(node.text) && node.text.endsWith('.js'))
      found.push(relative('lib', join(dirname(file), node.text)).replace(/\.js$/, '.ts'))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
  return found
}

function fault(from: string, target: string): string | undefined {
  const [room = '', [other = '', ...path]] = [from.split('/')[0], target.split('/')]
  if (room === other) return undefined
  if (rooms.indexOf(other) >= rooms.indexOf(room) || !rooms.includes(other))
    return `${room} must not know ${other}`
  if (APART.includes(room) && APART.includes(other)) return `${room} and ${other} do not know each other`
  const open = doors.get(other) ?? []
  return open.length === 0 || open.includes(path.join('/').replace(/\.ts$/, ''))
    ? undefined
    : `${target} is no door of ${other}`
}

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const graph = new Map(files.map((file) => [file, imports(`lib/${file}`)]))

function cycles(): string[] {
  const found: string[] = []
  const seen = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (seen.has(file)) return
    seen.add(file)
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

t.strictSame(
  new Set(files.map((file) => file.split('/')[0])),
  new Set(rooms),
  'lib holds the rooms of the map, and nothing else',
)
const faults = [...graph].flatMap(([file, targets]) =>
  targets.flatMap((target) => {
    const why = fault(file, target)
    return why ? [`${file} -> ${target}: ${why}`] : []
  }),
)
t.strictSame(faults, [], 'each room imports from rooms above it, by their doors')
t.strictSame(cycles(), [], 'no file imports itself by way of others')
