// Names a statement after the file under sql/ whose text it is, whatever was put in for the names in there.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../sql/', import.meta.url))
const LONGEST = 60

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.sql'))
  .map((file) => ({ name: file.replace(/\.sql$/, ''), text: readFileSync(`${FOLDER}/${file}`, 'utf8') }))
  // Of two that fit, the one with more text of its own.
  .sort((a, b) => b.text.length - a.text.length)
  .map(({ name, text }) => ({ name, shape: shapeOf(text) }))

/** @param {string} statement */
export function nameOf(statement) {
  const file = files.find(({ shape }) => shape.test(statement))
  return file ? file.name : shortened(statement)
}

/** @param {string} text */
function shapeOf(text) {
  const parts = text.trim().split(/\{[a-z_]+\}/)
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'))
  return new RegExp(`^\\s*${escaped.join('[\\s\\S]+?')}\\s*;?\\s*$`)
}

/** @param {string} statement */
function shortened(statement) {
  const line = statement.replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
