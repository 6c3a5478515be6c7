import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { lastNames, men, women } from '../../scripts/products/names.mjs'
import { makeNameWriter } from '../../scripts/products/people.mjs'
import { distinctCounts, makePlan } from '../../scripts/products/plan.mjs'
import { permutation } from '../../scripts/products/random.mjs'
import { makeSkuWriter } from '../../scripts/products/skus.mjs'
import { words } from '../../scripts/products/words.mjs'

const script = fileURLToPath(new URL('../../scripts/make-products.mjs', import.meta.url))
const example = fileURLToPath(new URL('../../examples/products.csv', import.meta.url))

const run = (...args: string[]) =>
  spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, script, ...args], {
    encoding: 'latin1',
    maxBuffer: 2 ** 28,
  })

/** The file these arguments make, through standard output. */
const make = (...args: string[]) => {
  const { status, stdout, stderr } = run(...args)
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`)
  return stdout
}

// Only this line end is allowed: any other, a stray quote or a missing field is an error, as it is for COPY.
const recordsOf = (csv: string) => {
  const [header, ...records] = parse(csv, { record_delimiter: '\r\n' }) as [string, string, string][]
  if (`${header}` !== 'name,sku,description') throw new Error(`another header: ${header}`)
  return records.map(([name, sku, description]) => ({ name, sku, description }))
}

const distinct = (values: Iterable<string>) => new Set(values).size

t.test('the same arguments make the same bytes', async (t) => {
  const committed = readFileSync(example, 'latin1')
  t.ok(make('--records', '5000', '--seed', '1') === committed, 'examples/products.csv')
  t.ok(make('--records', '5000') === committed, 'the seed is 1 by default')
  t.not(make('--records', '5000', '--seed', '2'), committed, 'another seed, another file')
})

t.test('--out writes the file that standard output gets', async (t) => {
  const file = join(t.testdir(), 'made.csv')
  const made = run('--records', '5000', '--out', file)
  t.equal(made.status, 0)
  t.equal(made.stdout, '')
  t.ok(readFileSync(file, 'latin1') === readFileSync(example, 'latin1'))
  t.equal(make('--records', '3', '--out', '-'), make('--records', '3'))
})

t.test('500,000 records have the statistics of the original', async (t) => {
  // No field has a comma or a CRLF in it, so that splitting will do here and takes a tenth of the time.
  const lines = make('--records', '500000').split('\r\n').slice(1)
  const skus = new Map<string, number[]>()
  const names = new Map<string, number>()
  const pairs = new Set<string>()
  let withLineFeed = 0
  let length = 0
  for (const [index, line] of lines.entries()) {
    const [name, sku, field, ...more] = line.split(',') as [string, string, string]
    if (more.length > 0) t.fail('more than three fields', { line })
    const places = skus.get(sku)
    if (places) places.push(index)
    else skus.set(sku, [index])
    names.set(name, (names.get(name) ?? 0) + 1)
    pairs.add(`${sku},${name}`)
    const quotes = field.startsWith('"') ? 2 : 0
    length += field.length - quotes
    if (field.includes('\n')) withLineFeed++
  }
  const records = lines.length
  t.equal(records, 500_000)
  t.equal(skus.size, 466_693)
  t.equal(names.size, 222_024)
  t.equal(pairs.size, 499_994)

  const share = withLineFeed / records
  t.ok(share > 0.55 && share < 0.65, `line feeds in ${share} of the descriptions`)
  t.ok(length / records > 135 && length / records < 155, `${length / records} characters on average`)

  const gaps = [...skus.values()].flatMap((places) =>
    places.slice(1).map((place, index) => place - Number(places[index])),
  )
  const apart = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  t.ok(apart > 100_000, `records with the same sku are ${apart} records apart on average`)

  const times = [...names.values()].sort((a, b) => b - a)
  t.ok(Number(times[0]) > 100, 'some names occur many times')
  t.ok(times.filter((n) => n === 1).length > 0.2 * names.size, 'many names occur once')
})

t.test('the bytes have the form of the original', async (t) => {
  const csv = readFileSync(example, 'latin1')
  t.ok(csv.startsWith('name,sku,description\r\n'))
  t.match(csv, /[."]$/, 'no line end after the last record')
  t.equal(csv.split('\r\n').length, 5001)
  t.notMatch(csv, /""/)
  for (const line of csv.split('\r\n').slice(1)) {
    // Quoted if and only if there is a line feed inside.
    if (/^[A-Z][A-Za-z. ]+,[a-z]+(-[a-z]+){1,3},([A-Za-z. ]+|"[A-Za-z. ]+(\n[A-Za-z. ]+)+")$/.test(line))
      continue
    t.fail('a record of another form', { line })
  }
  const names = recordsOf(csv).map(({ name }) => name)
  for (const form of [/^Mr\. /, /^Mrs\. /, / MD$/, / DDS$/]) t.ok(names.some((name) => form.test(name)))
})

t.test('small files keep the proportions', async (t) => {
  t.same(distinctCounts(1), { skus: 1, names: 1, pairs: 1 })
  t.same(distinctCounts(10), { skus: 9, names: 4, pairs: 10 })
  for (const count of [1, 2, 10, 50, 998]) {
    const records = recordsOf(make('--records', `${count}`, '--seed', `${count}`))
    const expected = distinctCounts(count)
    t.equal(records.length, count)
    t.equal(distinct(records.map(({ sku }) => sku)), expected.skus, `skus of ${count}`)
    t.equal(distinct(records.map(({ name }) => name)), expected.names, `names of ${count}`)
    t.equal(distinct(records.map(({ sku, name }) => `${sku},${name}`)), expected.pairs, `pairs of ${count}`)
  }
})

t.test('a file too large to make here is no different at its start', async (t) => {
  const records = recordsOf(make('--records', '1000000000', '--first', '2000'))
  t.equal(records.length, 2000)
  t.equal(distinct(records.map(({ sku }) => sku)), 2000)
  t.ok(records.some(({ name }) => /^\w+ [A-Z]\. \w+-\w+$/.test(name)))
})

t.test('--first makes the start of the file', async (t) => {
  const whole = readFileSync(example, 'latin1')
  const start = make('--records', '5000', '--first', '100')
  t.equal(recordsOf(start).length, 100)
  t.ok(whole.startsWith(`${start}\r\n`))
  t.equal(make('--records', '5000', '--first', '5000'), whole)
  const changed = make('--records', '5000', '--changed', '20')
  t.ok(changed.startsWith(`${make('--records', '5000', '--changed', '20', '--first', '100')}\r\n`))
})

t.test('--changed gives a share of the records another description', async (t) => {
  const before = recordsOf(readFileSync(example, 'latin1'))
  const keysOf = (records: typeof before) => records.map(({ name, sku }) => `${name},${sku}`).join()
  const changesAt = (percent: string) => {
    const after = recordsOf(make('--records', '5000', '--changed', percent))
    t.ok(keysOf(after) === keysOf(before), 'names, skus and order stay')
    return before.flatMap(({ description }, i) => (description === after[i]?.description ? [] : [i]))
  }
  const tenth = changesAt('10')
  t.equal(tenth.length, 500)
  t.ok(Number(tenth[0]) < 200 && Number(tenth.at(-1)) > 4800, 'spread over the file')
  t.same(changesAt('10%'), tenth, 'the same ones each time')
  const more = new Set(changesAt('30'))
  t.ok(
    tenth.every((i) => more.has(i)),
    'a larger share contains the smaller one',
  )
  t.equal(changesAt('0.5').length, 25)

  // Not by luck: the replacement begins with another word.
  const firstWords = (csv: string) => recordsOf(csv).map(({ description }) => description?.split(/\W/)[0])
  const replaced = firstWords(make('--records', '5000', '--changed', '100'))
  t.ok(firstWords(readFileSync(example, 'latin1')).every((word, i) => word !== replaced[i]))
})

t.test('wrong arguments', async (t) => {
  const wrong: [string[], RegExp][] = [
    [[], /--records is missing/],
    [['--records', '0'], /--records must be a whole number from 1 to 1000000000, not "0"/],
    [['--records', '1e3'], /--records must be/],
    [['--records', '5', '--seed', '4294967296'], /--seed must be/],
    [['--records', '5', '--first', '6'], /--first must be a whole number from 1 to 5, not "6"/],
    [['--records', '5', '--changed', '101'], /--changed must be a percentage from 0 to 100, not "101"/],
    [['--records', '5', '--changed', 'x%'], /--changed must be/],
    [['--records', '5', '--out', ''], /--out must be/],
    [['--records', '5', '--colour'], /Unknown option '--colour'/],
    [['--records', '5', 'more'], /Unexpected argument 'more'/],
  ]
  for (const [args, message] of wrong) {
    const { status, stdout, stderr } = run(...args)
    t.equal(status, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.match(stderr, /Try --help/)
  }
})

t.test('--help', async (t) => {
  const { status, stdout } = run('--help')
  t.equal(status, 0)
  for (const flag of ['records', 'out', 'seed', 'changed', 'first']) t.match(stdout, `--${flag} <`)
})

t.test('a file that cannot be written', async (t) => {
  const { status, stderr } = run('--records', '5', '--out', join(t.testdir(), 'no', 'such.csv'))
  t.equal(status, 1)
  t.match(stderr, /^make-products: ENOENT.*such\.csv'\n$/)
})

t.test('a reader that has seen enough', async (t) => {
  const child = spawn(process.execPath, [script, '--records', '100000000'])
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  child.stdout.once('data', () => child.stdout.destroy())
  t.equal(await exit, 0)
  t.equal(complaint, '')
})

t.test('the parts that the counts rest on', async (t) => {
  t.equal(distinct(words), words.length)
  t.ok(words.length <= 1024 && words.every((word) => /^[a-z]{1,10}$/.test(word)))
  for (const names of [[...women, ...men], lastNames]) {
    t.equal(distinct(names), names.length)
    t.ok(names.every((name) => /^[A-Z][a-z]{1,12}$/.test(name)))
  }
  for (const size of [1, 2, 3, 5, 64, 65, 1000, 4097]) {
    const image = new Set(Array.from({ length: size }, (_, x) => permutation(size, 7)(x)))
    t.equal(image.size, size)
    t.ok([...image].every((y) => y >= 0 && y < size))
  }
  t.throws(() => permutation(2 ** 30 + 1, 7), /30 bits/)

  // The largest file: where one kind of sku or name ends and the next begins.
  const { skus, names } = makePlan(1_000_000_000, 1)
  const out = Buffer.alloc(200)
  for (const [count, write] of [
    [skus, makeSkuWriter(skus, 1)],
    [names, makeNameWriter(names, 1)],
  ] as const) {
    const texts = new Set<string>()
    const asked = new Set<number>()
    for (let i = 0; i < 100_000; i++) {
      for (const number of [i * 20, count - 1 - i, Math.floor((i * count) / 100_000)]) {
        asked.add(number)
        texts.add(
          createHash('md5')
            .update(out.subarray(0, write(number, out, 0)))
            .digest('base64'),
        )
      }
    }
    t.equal(texts.size, asked.size)
  }
})
