import { isAbsolute, relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'

/** The option that tinyglobby, which finds the files of a pattern, gives to picomatch. */
const OPTIONS = { posix: true }

/**
 * Whether a source matches one of a dataset's patterns, and none with an exclamation mark.
 * @param folder that patterns are relative to
 */
export function belongs(source: string, patterns: readonly string[], folder: string): boolean {
  const [excluded, included] = [patterns.filter(isExclusion), patterns.filter((each) => !isExclusion(each))]
  const names = namesOf(source, folder)
  const matchesOne = (list: readonly string[]): boolean =>
    list.some((pattern) => names.some((name) => matches(name, withoutPrefix(pattern))))
  return matchesOne(included) && !matchesOne(excluded)
}

/** As on the command line, a name that looks like a pattern matches itself. */
function matches(name: string, pattern: string): boolean {
  // To picomatch "**" is the root too, but a relative pattern is only about the folder of the configuration.
  if (pattern === '' || isAbsolute(pattern) !== isAbsolute(name)) return false
  return name === pattern || matcherOf(pattern)(name)
}

/** A watcher compares many names with each pattern. */
const matchers = new Map<string, picomatch.Matcher>()

function matcherOf(pattern: string): picomatch.Matcher {
  const matcher = matchers.get(pattern) ?? picomatch(pattern, OPTIONS)
  matchers.set(pattern, matcher)
  return matcher
}

function isExclusion(pattern: string): boolean {
  return pattern.startsWith('!')
}

/** Without the exclamation mark, and without the "./" that relative names do not have. */
function withoutPrefix(pattern: string): string {
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

/** Where the files of a pattern can be. */
export interface Pattern {
  /** The folder before its first special character, absolute. */
  readonly folder: string
  /** Whether it matches in any folder below. */
  readonly isDeep: boolean
}

/** @param base the folder that patterns are relative to */
export function fixedFolder(pattern: string, base: string): Pattern {
  const parts = pattern.split('/')
  const special = parts.findIndex((part) => /[*?[\]{}()]/.test(part))
  const fixed = parts.slice(0, special < 0 ? -1 : Math.min(special, parts.length - 1))
  const folder = fixed.length === 1 && fixed[0] === '' ? '/' : fixed.join('/')
  return { folder: resolve(base, folder), isDeep: parts.includes('**') }
}

/** Whether a pattern is about files that belong to the dataset, and not about URLs. */
export function isOfFiles(pattern: string): boolean {
  return !isExclusion(pattern) && !/^https?:/i.test(pattern)
}
