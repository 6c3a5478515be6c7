import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject } from 'ajv'
import type { Segment } from 'jsonc-parser'
import { nearest } from '../base/did-you-mean.js'
import { configSchema } from '../base/package.js'
import type { JsonDocument } from './document.js'

/** Keywords for editors and error messages, which are no rules. */
const ANNOTATIONS = ['patternErrorMessage', 'allowComments', 'allowTrailingCommas']

/**
 * Validates a document against the schema of the package.
 * @throws DasyError BAD_CONFIG at the first invalid value
 */
export function validate(document: JsonDocument): void {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true })
  ajv.addVocabulary(ANNOTATIONS)
  const check = ajv.compile(JSON.parse(readFileSync(configSchema, 'utf8')))
  if (check(document.value)) return
  const located = (check.errors ?? []).map((error) => ({ error, ...locationOf(document, error) }))
  const [first] = located.sort((a, b) => a.offset - b.offset)
  if (!first) return
  const { path, name, error } = first
  const { message, hint } = explain(error, path)
  throw document.failure(path, message, hint, name)
}

interface ErrorLocation {
  readonly path: readonly Segment[]
  /** The property whose name is invalid. */
  readonly name: string | undefined
  readonly offset: number
}

function locationOf(
  document: JsonDocument,
  { instancePath, params, propertyName }: ErrorObject,
): ErrorLocation {
  const path = segments(document.value, instancePath)
  const name: string | undefined = propertyName ?? params.additionalProperty ?? params.propertyName
  return { path, name, offset: document.offsetOf(path, name) }
}

/** A JSON pointer, with numbers for list indexes. */
function segments(value: unknown, pointer: string): Segment[] {
  let here = value
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const segment = Array.isArray(here) ? Number(name) : name
      here = (here as Record<Segment, unknown>)[segment]
      return segment
    })
}

interface Explanation {
  readonly message: string
  readonly hint?: string | undefined
}

function explain(error: ErrorObject, path: readonly Segment[]): Explanation {
  const { keyword, params, parentSchema, data, propertyName } = error
  const what = path.length === 0 ? 'the configuration' : `"${describe(path)}"`
  const found = propertyName === undefined ? `${what} ${shorten(data)}` : `"${propertyName}"`
  switch (keyword) {
    case 'additionalProperties':
      return unknownProperty(params.additionalProperty, Object.keys(parentSchema?.properties ?? {}))
    case 'required':
      return { message: `${what} needs "${params.missingProperty}"` }
    case 'type':
      return { message: `${found}: must be ${words([params.type].flat())}` }
    case 'enum':
      return {
        message: `${found}: must be one of ${params.allowedValues.join(', ')}`,
        hint: near(data, params),
      }
    case 'minLength':
    case 'minItems':
      return { message: `${what} is empty` }
    case 'uniqueItems':
      return { message: `${found}: a name is given twice` }
    case 'minimum':
      return { message: `${found}: must be ${params.limit} or more` }
    case 'propertyNames':
      return { message: `"${params.propertyName}" cannot be used as a name` }
    default:
      return { message: `${found}: ${parentSchema?.patternErrorMessage ?? error.message}` }
  }
}

function unknownProperty(name: string, known: readonly string[]): Explanation {
  const close = nearest(name, known)
  return {
    message: `there is no property "${name}"`,
    hint: close ? `Did you mean "${close}"?` : `There are ${known.join(', ')}.`,
  }
}

function near(data: unknown, { allowedValues }: Record<string, unknown>): string | undefined {
  const close = typeof data === 'string' ? nearest(data, allowedValues as string[]) : undefined
  return close && `Did you mean "${close}"?`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  boolean: 'true or false',
  integer: 'a whole number',
  array: 'a list',
  object: 'an object in braces',
}

function words(types: readonly string[]): string {
  return types.map((type) => TYPES[type] ?? type).join(' or ')
}

/** The path within a dataset: maxRejects, map.x, or aggregates[0].column. */
function describe(path: readonly Segment[]): string {
  return path
    .slice(path.length > 2 ? 2 : -1)
    .map((each, index) => (typeof each === 'number' ? `[${each}]` : `${index > 0 ? '.' : ''}${each}`))
    .join('')
}

/** Characters of a value in a message. */
const LONGEST = 40

function shorten(data: unknown): string {
  const text = JSON.stringify(data) ?? ''
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
