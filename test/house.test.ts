import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import ts from 'typescript'

// What keeps lib/ and web/ readable: short files, and bags of options that can be taken in at a glance.

/** Of a file, unless its first comment says why it is one file. */
const MOST_LINES = 250

const BAGS = /(Options|Settings|Context|Parts)$/
const MOST_FIELDS = 15
/** The flags of a load as a user writes them down: the contract fixes that they are one flat list. */
const FLAT = 'LoadOptions'

type Declared = ts.InterfaceDeclaration | ts.TypeAliasDeclaration

const files = ['lib', 'web/src'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, 'utf8') })),
)

const declared = files.flatMap(({ file, text }) =>
  ts
    .createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    .statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
    .map((node) => ({ file, name: node.name.text, node })),
)

/** How many fields a type has, with those that it takes over from others. */
function fields(type: Declared | ts.TypeNode): number {
  if (ts.isTypeAliasDeclaration(type)) return fields(type.type)
  if (ts.isIntersectionTypeNode(type)) return total(type.types)
  if (ts.isTypeLiteralNode(type)) return type.members.length
  if (ts.isInterfaceDeclaration(type)) {
    return type.members.length + total((type.heritageClauses ?? []).flatMap(({ types }) => [...types]))
  }
  if (!ts.isTypeReferenceNode(type) && !ts.isExpressionWithTypeArguments(type)) return 0
  const [of, names] = type.typeArguments ?? []
  const name = (ts.isTypeReferenceNode(type) ? type.typeName : type.expression).getText()
  if (of?.getText() === FLAT) return 0
  if (name === 'Pick' && names) return ts.isUnionTypeNode(names) ? names.types.length : 1
  if (['Omit', 'Partial', 'Readonly', 'Required'].includes(name) && of) return fields(of)
  const other = declared.find((each) => each.name === name)
  return other && name !== FLAT ? fields(other.node) : 0
}

function total(types: readonly ts.TypeNode[]): number {
  return types.reduce((sum, type) => sum + fields(type), 0)
}

function isOneFileForAReason(text: string): boolean {
  return /one file/i.test(/\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+/.exec(text)?.[0] ?? '')
}

const long = files
  .map(({ file, text }) => ({ file, text, lines: text.split('\n').length - 1 }))
  .filter(({ text, lines }) => lines > MOST_LINES && !isOneFileForAReason(text))
  .map(({ file, lines }) => `${file}: ${lines} lines, and its first comment does not say why it is one file`)

const large = declared
  .filter(({ name }) => BAGS.test(name) && name !== FLAT)
  .map(({ file, name, node }) => ({ file, name, count: fields(node) }))
  .filter(({ count }) => count > MOST_FIELDS)
  .map(({ file, name, count }) => `${file}: ${name} has ${count} fields`)

t.strictSame([...long, ...large], [], `no file over ${MOST_LINES} lines, no bag over ${MOST_FIELDS} fields`)
