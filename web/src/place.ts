import { useEffect, useState } from 'preact/hooks'

/** Where one is: the part of the URL behind "#". It is the only state that the page has, besides what is typed. */
export interface Place {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

export type PlaceQuery = Readonly<Record<string, string | number | null | undefined>> | URLSearchParams

export function hrefOf(path: readonly (string | number)[], query: PlaceQuery = {}): string {
  const given = query instanceof URLSearchParams ? query : new URLSearchParams(definedOf(query))
  const search = given.toString()
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${search === '' ? '' : `?${search}`}`
}

/** @param replaces whether "back" leads past the place that is left */
export function go(href: string, replaces = false): void {
  if (!replaces) location.hash = href
  else location.replace(href)
}

/** The same place with another query. */
export function goWith(place: Place, changed: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(place.query)
  for (const [name, value] of Object.entries(changed)) {
    if (value === null || value === '') query.delete(name)
    else query.set(name, value)
  }
  go(hrefOf(place.path, query))
}

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const listener = (): void => setHash(location.hash)
    addEventListener('hashchange', listener)
    return () => removeEventListener('hashchange', listener)
  }, [])
  return parse(hash)
}

function parse(hash: string): Place {
  const [path = '', ...query] = hash.replace(/^#?\/?/, '').split('?')
  return {
    path: path.split('/').flatMap((part) => (part === '' ? [] : [decoded(part)])),
    query: new URLSearchParams(query.join('?')),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function definedOf(query: Exclude<PlaceQuery, URLSearchParams>): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  )
}
