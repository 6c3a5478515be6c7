import { fold, isPosition } from '../base/fold.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { MappingSettings } from '../contract/settings.js'
import type { Wanted } from '../csv/detection/wanted.js'

/**
 * The columns that the options of a load name, by the names that the file must have for them.
 * @param known the columns of the table
 */
export function wantedColumns(
  { key, map, ignore, set }: MappingSettings,
  known: readonly string[] = [],
): Wanted {
  const sourceOf = new Map(Object.entries(map).map(([source, target]) => [fold(target), source]))
  const constants = Object.keys(set).map(fold)
  const fromFile = key.filter((name) => name !== ROW_KEY && !constants.includes(fold(name)))
  const keys = withoutNumbers(fromFile.map((name) => sourceOf.get(fold(name)) ?? name))
  const others = withoutNumbers([...Object.keys(map), ...ignore])
  return { key: keys, all: [...new Set([...keys, ...others])], known }
}

/** Drops names that are column numbers (`--map 3=name`): they say nothing about the header. */
function withoutNumbers(names: readonly string[]): string[] {
  return names.filter((name) => !isPosition(name))
}
