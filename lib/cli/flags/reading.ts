import { defaults } from '../../contract/options.js'
import type { Flag } from '../command.js'

/** Flags of everything that uses a configuration. */
export const configFlag = {
  config: {
    type: 'string',
    value: 'FILE',
    group: 'Source',
    default: 'dasy.config.json',
    completes: 'file',
    describe: 'The configuration, which describes the datasets',
  },
} as const satisfies Record<string, Flag>

/** The flags that decide how sources are read and which column a field goes into: of inspect, ingest and update. */
export const readingFlags = {
  dataset: {
    type: 'string',
    value: 'NAME',
    group: 'Source',
    default: 'the one whose patterns match the file',
    completes: 'dataset',
    describe: 'The dataset whose settings to use',
  },
  ...configFlag,
  table: {
    type: 'string',
    alias: 't',
    value: 'TABLE',
    group: 'Table',
    default: defaults.table,
    completes: 'table',
    describe: 'The table, or SCHEMA.TABLE',
  },
  key: {
    type: 'string',
    alias: 'k',
    value: 'COLUMNS',
    group: 'Table',
    default: defaults.key,
    describe: 'Its key: a column, a list such as sku,name, or :row',
  },
  'max-size': {
    type: 'string',
    value: 'SIZE',
    group: 'Source',
    default: defaults.maxSize,
    describe: 'The largest text of a compressed or remote source, or of a pipe',
  },
  'max-ratio': {
    type: 'string',
    value: 'N',
    group: 'Source',
    default: `${defaults.maxRatio}`,
    describe: 'The largest ratio of decompressed to compressed bytes',
  },
  delimiter: {
    type: 'string',
    alias: 'd',
    value: 'CHAR',
    group: 'Dialect',
    default: 'detected, like quote, escape and encoding',
    describe: 'Between fields: one character, or tab',
  },
  quote: {
    type: 'string',
    value: 'CHAR',
    group: 'Dialect',
    describe: 'Around fields: one character, or none',
  },
  escape: {
    type: 'string',
    value: 'CHAR',
    group: 'Dialect',
    default: 'the quote itself',
    describe: 'The escape character inside quoted fields',
  },
  header: {
    type: 'boolean',
    group: 'Dialect',
    describe: 'The first record names the columns; --no-header needs --columns',
  },
  columns: {
    type: 'string',
    value: 'LIST',
    group: 'Dialect',
    describe: 'The columns of a file without a header: sku,name',
  },
  'skip-lines': {
    type: 'string',
    value: 'N',
    group: 'Dialect',
    default: '0',
    describe: 'Lines to skip before the header',
  },
  trim: { type: 'boolean', group: 'Dialect', describe: 'Remove blanks around fields' },
  encoding: {
    type: 'string',
    value: 'NAME',
    group: 'Dialect',
    default: 'detected, else UTF8',
    completes: 'encoding',
    describe: "The file's encoding: LATIN1, WIN1252, UTF-16LE, …",
  },
  null: {
    type: 'string',
    value: 'WORD',
    group: 'Dialect',
    describe: 'Read an unquoted field that is exactly WORD as NULL, like an empty one',
  },
  'lenient-quotes': {
    type: 'boolean',
    group: 'Dialect',
    describe: 'Load records with misplaced quotes, and keep the quotes as text',
  },
  'max-record': {
    type: 'string',
    value: 'SIZE',
    group: 'Dialect',
    default: defaults.maxRecord,
    describe: 'The longest record: bytes, or 16MiB',
  },
  map: {
    type: 'string',
    value: 'FROM=TO',
    array: true,
    group: 'Table',
    describe: 'Load a column of the file into a column of another name: "Product Name=name"',
  },
  ignore: {
    type: 'string',
    value: 'COLUMNS',
    array: true,
    group: 'Table',
    describe: 'A column of the file to leave out, or a list of them',
  },
  set: {
    type: 'string',
    value: 'COLUMN=VALUE',
    array: true,
    group: 'Table',
    describe: 'Give a column of the table one value in every record: source=acme',
  },
} as const satisfies Record<string, Flag>
