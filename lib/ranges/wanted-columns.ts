import { fold, isPosition } from '../base/fold.js'
import { ROW_KEY } from '../contract/row-key.js'
import type { MappingSettings } from '../contract/settings.js'
import type { Wanted } from '../csv/detection/wanted.js'

/**
 * The columns that a load asks for, as the file must call them.
 * @param known those of the table
 */
export function wantedColumns(
  { key, map, ignore, set }: MappingSettings,
  known: readonly string[] = [],
): Wanted {
  const sourceOf = new Map(Object.entries(map).map(([source, target]) => [fold(target), source]))
  const constants = Object.keys(set).map(fold)
  const fromFile = key.filter((name) => name !== ROW_KEY && !constants.includes(fold(name)))
  const keys = withoutPositions(fromFile.map((name) => sourceOf.get(fold(name)) ?? name))
  const others = withoutPositions([...Object.keys(map), ...ignore])
  return { key: keys, all: [...new Set([...keys, ...others])], known }
}

function withoutPositions(names: readonly string[]): string[] {
  return names.filter((name) => !isPosition(name))
}
