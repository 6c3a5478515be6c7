import type { RunStatus } from '../../contract/receipt.js'
import type { Arguments, Completes, CompletesRun } from '../command.js'
import type { Candidate } from './candidates.js'

/** Candidates that have to be looked up, in the configuration or in the database. */
export async function valuesOf(what: Completes, argv: Arguments): Promise<readonly Candidate[]> {
  switch (what) {
    case 'encoding':
      return ENCODINGS.map((word) => ({ word }))
    case 'dataset':
      return (await datasets(argv)).map((word) => ({ word }))
    case 'table':
      return (await tables(argv)).map((word) => ({ word }))
    case 'column':
      return (await columns(argv)).map((word) => ({ word }))
    case 'file':
    case 'command':
      return []
    default:
      return await runs(argv, STATUSES[what])
  }
}

/** The statuses of the runs that a command takes; undefined stands for all. */
const STATUSES: Readonly<Record<CompletesRun, readonly RunStatus[] | undefined>> = {
  run: undefined,
  'stopped run': ['failed', 'interrupted', 'rejected'],
  'unfinished run': ['failed', 'interrupted', 'rejected', 'planned'],
  'planned run': ['planned'],
  'completed run': ['completed'],
  'run with changes': ['completed', 'planned'],
}

/** The most usual encodings of those that PostgreSQL and iconv-lite know. */
const ENCODINGS = [
  ...['UTF8', 'UTF-16LE', 'UTF-16BE', 'UTF-32LE', 'UTF-32BE', 'LATIN1', 'LATIN2', 'LATIN5', 'LATIN9'],
  ...['WIN1250', 'WIN1251', 'WIN1252', 'WIN1253', 'WIN1254', 'WIN1255', 'WIN1256', 'WIN1257', 'WIN1258'],
  ...['KOI8R', 'KOI8U', 'ISO_8859_5', 'ISO_8859_7', 'WIN866', 'CP437', 'CP850', 'MACINTOSH'],
  ...['EUC_JP', 'SJIS', 'EUC_KR', 'UHC', 'EUC_CN', 'GBK', 'GB18030', 'BIG5'],
]

async function datasets({ config }: Arguments): Promise<readonly string[]> {
  const { datasetNames } = await import('../../config/with-dataset.js')
  return await datasetNames(config)
}

async function tables({ databaseUrl }: Arguments): Promise<readonly string[]> {
  const { listTables } = await import('../../api/names.js')
  return await listTables({ databaseUrl })
}

async function columns({ databaseUrl, table }: Arguments): Promise<readonly string[]> {
  const { listColumns } = await import('../../api/names.js')
  return await listColumns({ databaseUrl }, table)
}

async function runs(
  { databaseUrl }: Arguments,
  statuses: readonly RunStatus[] | undefined,
): Promise<Candidate[]> {
  const { showRuns } = await import('../../api/runs.js')
  const records = await showRuns({ databaseUrl }, undefined, 50)
  const taken = records.filter(({ status }) => statuses?.includes(status) ?? true)
  return taken.map(({ run, status, command, table, source }) => ({
    word: `${run}`,
    meaning: `${status}, ${source === null ? `${command} ${table}` : [source].flat().join(', ')}`,
  }))
}
