import { inspect, type Reading } from '../../api/inspect.js'
import { LoadedView } from '../../components/loaded-view.js'
import { goWith, hrefOf, type Place } from '../../place.js'
import { useLoaded } from '../../use-loaded.js'
import { LoadForm } from './load-form.js'
import { Preview } from './preview.js'
import { ReadingForm } from './reading-form.js'

/** A file that has arrived: what is in it, and how it is to be loaded. */
export function LoadUpload({ place, upload, name }: { place: Place; upload: string; name: string }) {
  const { query } = place
  const reading = readingOf(query)
  const loaded = useLoaded((signal) => inspect(upload, reading, signal), [JSON.stringify(reading)])
  return (
    <>
      <p>
        <a href={hrefOf(['load'])}>Another file</a>
      </p>
      <ReadingForm place={place} />
      <LoadedView of={loaded}>
        {(inspection) => (
          <>
            <Better place={place} options={inspection.proposal.options} />
            <Preview of={inspection} />
            <LoadForm
              key={JSON.stringify(reading)}
              upload={upload}
              name={name}
              reading={reading}
              inspection={inspection}
            />
          </>
        )}
      </LoadedView>
    </>
  )
}

/** Options under which the file is read better, as `dasy inspect` proposes them. */
function Better({ place, options }: { place: Place; options: object }) {
  const given = Object.entries(options).map(([name, value]): [string, string] => [name, String(value)])
  if (given.length === 0) return null
  return (
    <p class="note">
      It is read better with {given.map(([name, value]) => `${name} ${value}`).join(', ')}.{' '}
      <button type="button" onClick={() => goWith(place, Object.fromEntries(given))}>
        Read it so
      </button>
    </p>
  )
}

const TEXTS = ['delimiter', 'quote', 'escape', 'encoding', 'null']
const FLAGS = ['header', 'trim', 'lenientQuotes']
const NUMBERS = ['skipLines']

/** What the URL says of how the file is read. */
function readingOf(query: URLSearchParams): Reading {
  const given = [...query].flatMap(([name, value]): [string, unknown][] => {
    if (TEXTS.includes(name)) return [[name, value]]
    if (FLAGS.includes(name)) return [[name, value === 'true']]
    if (NUMBERS.includes(name)) return [[name, Number(value)]]
    return []
  })
  return Object.fromEntries(given)
}
