import { persevere } from './attempt.js'
import { Database } from './db/database.js'
import { explained } from './interruption.js'
import type { LoadOptions } from './options.js'
import type { LoadCommand } from './plan.js'
import type { Receipt } from './receipt.js'
import { settle } from './settings.js'
import { FileSource } from './source/file.js'

/**
 * Loads a catalogue: inserts new keys and updates existing ones; makes the table if it is missing. Goes on with an
 * earlier run of the same file and options that stopped.
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function ingest(file: string, options: LoadOptions = {}): Promise<Receipt> {
  return load('ingest', file, options)
}

/**
 * The same for a table that must exist; never makes a table or a column.
 * @throws DasyError with a stable `code`; the table is as it was then
 */
export function update(file: string, options: LoadOptions = {}): Promise<Receipt> {
  return load('update', file, options)
}

async function load(command: LoadCommand, file: string, options: LoadOptions): Promise<Receipt> {
  const settings = settle(options)
  await using source = await FileSource.open(file)
  try {
    await using database = await Database.open(options)
    return await persevere({ command, settings, source }, database, options)
  } catch (error) {
    throw explained(error, options.signal)
  }
}
