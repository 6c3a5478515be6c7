import { goWith, type Place } from '../../place.js'

/** How the file is read where it is written otherwise than it was found to be. What is left empty is detected. */
export function ReadingForm({ place }: { place: Place }) {
  const { query } = place
  const value = (name: string): string => query.get(name) ?? ''
  const names = ['delimiter', 'quote', 'encoding', 'null', 'header']
  const isGiven = names.some((name) => query.has(name))
  return (
    <details open={isGiven}>
      <summary>How it is read</summary>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget)
          goWith(place, Object.fromEntries(names.map((name) => [name, String(given.get(name) ?? '')])))
        }}
      >
        <Text name="delimiter" value={value('delimiter')} size={4} placeholder="found" />
        <Text name="quote" value={value('quote')} size={4} placeholder="found" />
        <Text name="encoding" value={value('encoding')} size={12} placeholder="found" />
        <Text name="null" value={value('null')} size={8} placeholder="empty" />
        <label class="field">
          header
          <select name="header" key={value('header')} defaultValue={value('header')}>
            <option value="" selected={value('header') === ''}>
              found
            </option>
            <option value="true" selected={value('header') === 'true'}>
              yes
            </option>
            <option value="false" selected={value('header') === 'false'}>
              no
            </option>
          </select>
        </label>
        <button type="submit">Inspect again</button>
      </form>
    </details>
  )
}

function Text({
  name,
  value,
  size,
  placeholder,
}: {
  name: string
  value: string
  size: number
  placeholder: string
}) {
  return (
    <label class="field">
      {name}
      <input name={name} key={value} defaultValue={value} size={size} placeholder={placeholder} />
    </label>
  )
}
