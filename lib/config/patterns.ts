import { relative, resolve, sep } from 'node:path'
import { fits } from './glob.js'

/**
 * Whether a source matches one of a dataset's patterns, and none with an exclamation mark.
 * @param folder that patterns are relative to
 */
export function belongs(source: string, patterns: readonly string[], folder: string): boolean {
  const [without, wanted] = [patterns.filter(isExclusion), patterns.filter((each) => !isExclusion(each))]
  const fitsOne = (list: readonly string[]): boolean =>
    namesOf(source, folder).some((name) => list.some((pattern) => fits(name, plain(pattern))))
  return fitsOne(wanted) && !fitsOne(without)
}

function isExclusion(pattern: string): boolean {
  return pattern.startsWith('!')
}

function plain(pattern: string): string {
  return pattern.replace(/^!/, '').replace(/^\.\//, '')
}

/** The names by which a pattern may match a source: relative to the configuration, or absolute; an archive also without its entry. */
function namesOf(source: string, folder: string): string[] {
  if (source === '-') return []
  if (/^https?:\/\//i.test(source)) return [source.replace(/[?#].*$/, '')]
  const [archive, entry] = source.split('#', 2)
  return [source, ...(entry === undefined ? [] : [archive as string])].flatMap((name) => {
    const path = resolve(name)
    return [relative(folder, path), path].map((each) => each.split(sep).join('/'))
  })
}
