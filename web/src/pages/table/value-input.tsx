import type { Column } from '../../api/tables.js'

interface ValueInputProps {
  readonly column: Column
  /** Null is NULL, which is not the empty text; undefined: nothing was given. */
  readonly value: string | null | undefined
  readonly onChange: (value: string | null) => void
}

/** A field for a value of a column, or for its NULL. */
export function ValueInput({ column: { name, type, required }, value, onChange }: ValueInputProps) {
  return (
    <div class="value-input">
      <label class="field">
        <span>
          {name} <span class="quiet">{type}</span>
        </span>
        <input
          value={value ?? ''}
          placeholder={value === null ? 'NULL' : value === undefined ? 'default' : ''}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      </label>
      {!required && (
        <button
          type="button"
          class="is-small"
          aria-label={`${name}: NULL`}
          aria-pressed={value === null}
          onClick={() => onChange(null)}
        >
          NULL
        </button>
      )}
    </div>
  )
}
