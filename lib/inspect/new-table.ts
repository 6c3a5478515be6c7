import { DasyError } from '../base/errors.js'
import { defaults } from '../contract/options.js'
import type { Settings } from '../contract/settings.js'
import { type Mapping, mapColumns } from '../mapping/columns.js'
import { withDoubts } from '../ranges/doubts.js'
import type { PreparedSource } from '../ranges/prepared-source.js'

/**
 * Maps a source's columns to a new table. If the file lacks the usual key and the user named none, the mapping has no key, and a
 * note says so.
 * @param isDefaultKey whether the user named no key
 * @throws DasyError as `mapColumns`
 */
export function mapToNewTable(
  { source, opening, doubts }: PreparedSource,
  settings: Settings,
  isDefaultKey: boolean,
): { mapping: Mapping; notes: string[] } {
  const mapped = { header: opening.columns, file: source.name, isDoubtful: doubts.length > 0 }
  try {
    return { mapping: mapColumns({ ...mapped, settings }, undefined, true), notes: [] }
  } catch (error) {
    const isKeyMissing = error instanceof DasyError && error.code === 'KEY_COLUMN_MISSING'
    if (!isDefaultKey || !isKeyMissing) throw withDoubts(error, doubts)
    const keyless = { ...settings, mapping: { ...settings.mapping, key: [] } }
    const mapping = mapColumns({ ...mapped, settings: keyless }, undefined, true)
    return {
      mapping,
      notes: [`there is no column "${defaults.key}", so no key was checked; name one with --key`],
    }
  }
}
