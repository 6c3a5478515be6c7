import type { DialectReport } from '../../../../lib/inspect/inspection.js'
import type { Inspection } from '../../api/inspect.js'
import { byteSize, count } from '../../format.js'

/** What was found in a file: how it is written, its columns, and what would be rejected. */
export function Preview({ of: inspection }: { of: Inspection }) {
  const { dialect, records, rejected, duplicates, bytes, doubts, notes, columns, rejects } = inspection
  const [first] = [dialect].flat() as DialectReport[]
  return (
    <section aria-labelledby="found">
      <h2 id="found">What is in it</h2>
      <dl class="facts">
        <Fact name="size" value={byteSize(bytes)} />
        <Fact name="records" value={count(records)} />
        <Fact name="rejected" value={count(rejected)} />
        {duplicates !== null && <Fact name="duplicates" value={count(duplicates)} />}
        {first && <Dialect of={first} />}
      </dl>
      {[...doubts, ...notes].length > 0 && (
        <ul class="note">
          {[...doubts, ...notes].map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <div class="wide">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">column</th>
              <th scope="col">type</th>
              <th scope="col">values</th>
              <th scope="col" class="number">
                empty
              </th>
              <th scope="col" class="number">
                longest
              </th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ name, type, samples, empty, longest }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{type}</td>
                <td class="cell">{samples.join(' · ')}</td>
                <td class="number">{count(empty)}</td>
                <td class="number">{count(longest)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rejects.length > 0 && (
        <>
          <h3>First rejects</h3>
          <ul>
            {rejects.map(({ line, byte, reason }) => (
              <li key={byte}>
                line {count(line)}: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Dialect({ of: { delimiter, quote, encoding, lineEnds, header } }: { of: DialectReport }) {
  return (
    <>
      <Fact name="delimiter" value={shown(delimiter)} />
      <Fact name="quote" value={quote === null ? 'none' : quote} />
      <Fact name="encoding" value={encoding} />
      <Fact name="line ends" value={lineEnds ?? 'none'} />
      <Fact name="header" value={header ? 'yes' : 'no'} />
    </>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function shown(delimiter: string): string {
  const names: Readonly<Record<string, string>> = { '\t': 'tab', ' ': 'space' }
  return names[delimiter] ?? delimiter
}
