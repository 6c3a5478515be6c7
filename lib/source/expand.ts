import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { DasyError } from '../base/errors.js'
import { STANDARD_INPUT } from './standard-input.js'
import { isUrl, withoutSecrets } from './url.js'

/**
 * Replaces each pattern among the user's sources by the files that match it, sorted by name. If a file with the pattern as
 * its name exists, the pattern means that file.
 * @throws DasyError FILE_NOT_FOUND if nothing matches a pattern, SOURCE_TWICE
 */
export async function expandSources(names: readonly string[]): Promise<string[]> {
  const expanded: string[] = []
  for (const name of names) expanded.push(...(await filesOf(name)))
  const twice = expanded.find((name, index) => expanded.indexOf(name) < index)
  if (twice !== undefined) {
    const file = withoutSecrets(twice)
    throw new DasyError('SOURCE_TWICE', `${file} is named twice`, {
      hint: 'Name each source once.',
      details: { file },
    })
  }
  return expanded
}

async function filesOf(name: string): Promise<string[]> {
  if (name === STANDARD_INPUT || isUrl(name) || (await exists(name))) return [name]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(name)) return [name]
  const files = (await glob(name, { expandDirectories: false, absolute: isAbsolute(name) })).sort()
  if (files.length > 0) return files
  throw new DasyError('FILE_NOT_FOUND', `no file matches the pattern ${name}`, {
    hint: 'Check the pattern; it is relative to the working directory.',
    details: { file: name },
  })
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
