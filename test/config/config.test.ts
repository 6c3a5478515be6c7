/** What a configuration may say, and where an error points. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { DasyError } from '../../lib/base/errors.js'
import { Config } from '../../lib/config/config.js'

/** The place of the mark § is where the error must point. */
const bad: readonly (readonly [name: string, text: string, message: RegExp, hint?: RegExp])[] = [
  ['an empty file', '§', /the file is empty|expected a value/],
  ['no JSON', '§datasets: {}', /not a value|expected/],
  [
    'a missing comma',
    '{\n  "datasets": { "a": {}\n    §"b": {} }\n}',
    /expected a comma or a closing bracket/,
  ],
  ['a missing colon', '{ "datasets" §{} }', /expected a colon/],
  ['a bracket that is missing at the end', '{ "datasets": { "a": { "key": ["sku"§', /a closing ] is missing/],
  ['a missing brace', '{ "datasets": {\n}§', /a closing } is missing/],
  [
    'a missing bracket',
    '{ "datasets": { "a": { "key": ["sku" §} } }',
    /expected a comma or a closing bracket/,
  ],
  ['a text that is not closed', '{ "datasets": { "a": { "table": §"x\n} } }', /the text is not closed/],
  ['a comment that is not closed', '{ "datasets": {} }\n§/* why', /the comment is not closed/],
  ['a bad escape', '{ "datasets": { "a": { "after": §"sql\\a.sql" } } }', /a backslash is written \\\\/],
  ['something behind it', '{ "datasets": {} }\n§{}', /the end of the file/],
  ['a list', '§[]', /the configuration \[\]: must be an object/],
  ['a negative number of days', '{"historyDays": §-1}', /"historyDays" -1: must be 0 or more/],
  ['an unknown property', '{ "datasets": {}, §"dataset": {} }', /no property "dataset"/, /mean "datasets"\?/],
  ['datasets in a list', '{ "datasets": §[] }', /"datasets" \[\]: must be an object/],
  ['a dataset that is none', '{ "datasets": { "a": §3 } }', /"a" 3: must be an object/],
  ['a bad name', '{ "datasets": {\n §"a b": {} } }', /"a b".*no blanks|"a b" cannot be used/],
  ['the same name twice', '{ "datasets": {\n "a": {},\n §"a": {} } }', /"a" is given twice$/],
  [
    'an unknown property of a dataset',
    '{\n\t"datasets": {\n\t\t"a": {\n\t\t\t// ä\n\t\t\t"table": "t",\n\t\t\t§"keys": "sku"\n} } }',
    /no property "keys"/,
    /Did you mean "key"\?/,
  ],
  [
    'a property far from any',
    '{ "datasets": { "a": { §"frobnicate": 1 } } }',
    /no property "frobnicate"/,
    /There are files, table, key/,
  ],
  [
    'a number for a name',
    '{ "datasets": { "a": { "table": §5 } } }',
    /"table" 5: must be text in double quotes/,
  ],
  ['a number in a list', '{ "datasets": { "a": { "key": ["sku", §5] } } }', /"key\[1\]" 5: must be text/],
  ['an empty list', '{ "datasets": { "a": { "key": §[] } } }', /"key" is empty/],
  ['an empty name', '{ "datasets": { "a": { "table": §"" } } }', /"table" is empty/],
  ['a name twice', '{ "datasets": { "a": { "key": §["sku", "sku"] } } }', /is given twice/],
  [
    'a text for a boolean',
    '{ "datasets": { "a": { "trim": §"yes" } } }',
    /"trim" "yes": must be true or false/,
  ],
  ['null', '{ "datasets": { "a": { "trim": §null } } }', /"trim" null: must be true or false/],
  ['a fraction', '{ "datasets": { "a": { "skipLines": §1.5 } } }', /"skipLines" 1.5: must be a whole number/],
  ['too little', '{ "datasets": { "a": { "maxRatio": §0 } } }', /"maxRatio" 0: must be 1 or more/],
  [
    'a bad choice',
    '{ "datasets": { "a": { "duplicates": §"frist" } } }',
    /one of last, first, error/,
    /mean "first"\?/,
  ],
  ['a bad limit', '{ "datasets": { "a": { "maxRejects": §"few" } } }', /a count \(12\) or a percentage/],
  ['a percentage over 100', '{ "datasets": { "a": { "maxRejects": §"120%" } } }', /120%.*a percentage/],
  [
    'a bad size',
    '{ "datasets": { "a": { "maxSize": §"big" } } }',
    /"maxSize" "big": must be bytes, or a size/,
  ],
  ['a size that is too small', '{ "datasets": { "a": { "maxRecord": §5 } } }', /from 1KiB to 512MiB/],
  ['a bad delimiter', '{ "datasets": { "a": { "delimiter": §"::" } } }', /one ASCII character/],
  [
    'a delimiter that is the quote',
    '{ "datasets": { "a": { "delimiter": §"\'", "quote": "\'" } } }',
    /must differ from the quote/,
  ],
  ['no header and no columns', '{ "datasets": { "a": { "header": §false } } }', /name the columns/],
  ['a header and columns', '{ "datasets": { "a": { "columns": §["x"] } } }', /files without a header/],
  ['a table in our schema', '{ "datasets": { "a": { "table": §"dasy.runs" } } }', /schema dasy/],
  ['a number in a map', '{ "datasets": { "a": { "map": { "x": §1 } } } }', /"map.x" 1: must be text/],
  ['types in a text', '{ "datasets": { "a": { "types": §"a:int" } } }', /"types" "a:int": must be an object/],
  [
    'an aggregate without a column',
    '{ "datasets": { "a": { "aggregates": [§{ "into": "x" }] } } }',
    /"aggregates\[0\]" needs "column"/,
  ],
  [
    'an unknown property of an aggregate',
    '{ "datasets": { "a": { "aggregates": [{ "column": "x", §"name": "x" }] } } }',
    /no property "name"/,
  ],
  [
    'a bad kind of aggregate',
    '{ "datasets": { "a": { "aggregates": [{ "column": "x", "as": §"views" }] } } }',
    /"aggregates\[0\].as" "views": must be one of table, view/,
    /mean "view"\?/,
  ],
  [
    'the first of several',
    '{ "datasets": { "a": {\n§"kee": 1,\n"table": 5, "trm": 1 } } }',
    /no property "kee"/,
  ],
]

t.test('an error points at the line and column of what is wrong', async (t) => {
  for (const [name, marked, message, hint] of bad) {
    const [before = ''] = marked.split('§')
    const lines = before.split('\n')
    const [line, column] = [lines.length, (lines.at(-1) ?? '').length + 1]
    const error = failure(() => Config.parse('folder/dasy.config.json', marked.replace('§', '')))
    t.match(
      error,
      {
        code: 'BAD_CONFIG',
        exitStatus: 2,
        message,
        details: { file: 'folder/dasy.config.json', line, column },
        ...(hint && { hint }),
      },
      name,
    )
    t.ok(
      error.message.startsWith(`folder/dasy.config.json, line ${line}, column ${column}: `),
      `${name}: in the message`,
    )
  }
})

t.test('comments, trailing commas, a byte order mark and every property are taken', async (t) => {
  const text = `\uFEFF{
    "$schema": "./node_modules/dasy/dasy.schema.json", // for editors
    "datasets": {
      "every-thing": {
        "files": ["a/*.csv", "!a/x.csv"], "table": "s.t", "key": ["a", "b"],
        "map": { "A": "a" }, "ignore": "z", "set": { "source": "acme" }, "types": { "a": "int" }, "infer": false,
        "delimiter": "tab", "quote": "none", "escape": "\\\\", "header": false, "columns": ["a", "b"], "skipLines": 1,
        "trim": true, "encoding": "LATIN1", "null": "NULL", "lenientQuotes": true,
        "maxRejects": "0.5%", "maxRecord": "1MiB", "maxSize": "5GB", "maxRatio": 10,
        "duplicates": "first", "onConflict": "skip",
        "sync": true, "syncWhere": "supplier = 'acme'", "maxDeletes": "5%", "history": false,
        "aggregates": [{ "column": "a" }, { "column": "b", "into": "s.x", "as": "view" }],
        "before": "b.sql", "after": ["a.sql", "/abs/c.sql"], "views": "v.sql",
      },
      "nothing": {},
    },
  }`
  const dataset = Config.parse('/etc/feeds/dasy.config.json', text).named('every-thing')
  t.match(dataset, {
    files: ['a/*.csv', '!a/x.csv'],
    views: ['/etc/feeds/v.sql'],
    options: {
      table: 's.t',
      set: { source: 'acme' },
      maxRejects: '0.5%',
      before: ['/etc/feeds/b.sql'],
      after: ['/etc/feeds/a.sql', '/abs/c.sql'],
    },
  })
  const schema = JSON.parse(readFileSync(new URL('../../dasy.schema.json', import.meta.url), 'utf8'))
  const described = schema.definitions.dataset.properties
  const { files, views, options } = dataset
  t.same(
    Object.keys({ files, views, ...options }).sort(),
    Object.keys(described).sort(),
    'the schema has no other ones',
  )
  for (const [name, { description }] of Object.entries<{ description?: string }>(described))
    t.type(description, 'string', `${name} is described`)
})

t.test('a dataset is found by its name, or by the pattern that fits the file', async (t) => {
  const config = Config.parse(
    'dasy.config.json',
    '{ "datasets": { "one": { "files": "in/*.csv" }, "two": { "files": ["in/t*", "x"] }, "three": {} } }',
  )
  t.equal(config.named('three').name, 'three')
  t.equal(config.datasetOf('in/a.csv')?.name, 'one')
  t.equal(config.datasetOf('in/t.txt')?.name, 'two')
  t.equal(config.datasetOf('a.csv'), undefined)
  t.match(
    failure(() => config.datasetOf('in/t.csv')),
    {
      code: 'DATASET_AMBIGUOUS',
      exitStatus: 2,
      message: 'in/t.csv matches the datasets one and two',
      hint: /--dataset one/,
    },
  )
  t.match(
    failure(() => config.named('tow')),
    {
      code: 'DATASET_NOT_FOUND',
      exitStatus: 2,
      message: /"tow"/,
      hint: 'Did you mean "two"?',
    },
  )
})

function failure(work: () => unknown): DasyError {
  try {
    work()
  } catch (error) {
    if (error instanceof DasyError) return error
    throw error
  }
  throw new Error('it should have failed, but it succeeded')
}

t.test('every property of a configuration may be missing', async (t) => {
  t.same(Config.parse('dasy.config.json', '{}').names, [])
  t.equal(Config.parse('dasy.config.json', '{}').historyDays, undefined)
  t.equal(Config.parse('dasy.config.json', '{"historyDays": 0}').historyDays, 0)
})
