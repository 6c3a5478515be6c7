import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import ts from 'typescript'

/** Rooms whose cycles are still to be removed. */
const EXEMPT = ['lib/cli/']

/** The modules that a file imports: statically, dynamically, or only for their types. */
function imports(file: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined
    if (specifier && ts.isStringLiteral(specifier) && specifier.text.startsWith('.'))
      found.push(join(dirname(file), specifier.text).replace(/\.js$/, '.ts'))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
  return found
}

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const graph = new Map(files.map((file) => [`lib/${file}`, imports(`lib/${file}`)]))

/** Depth first: a module that is on the path already closes a cycle. */
function cycles(): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

t.same(
  cycles().filter((cycle) => !EXEMPT.some((room) => cycle.includes(room))),
  [],
  'no module imports itself, by way of others or for types only',
)
