import { useState } from 'preact/hooks'
import type { FilterOperator } from '../../../../lib/contract/row-query.js'
import { type Filter, OPERATORS } from '../../api/rows.js'
import type { Table } from '../../api/tables.js'
import { go, hrefOf, type Place } from '../../place.js'

/** The filters of the URL, written as the service takes them: `filter[name][like]=%oak%`. */
export function filtersIn(query: URLSearchParams): Filter[] {
  return [...query].flatMap(([name, value]): Filter[] => {
    const [, column, operator = 'eq'] = /^filter\[(.+?)\](?:\[(\w+)\])?$/s.exec(name) ?? []
    return column === undefined ? [] : [{ column, operator: operator as FilterOperator, value }]
  })
}

interface FilterBarProps {
  readonly table: Table
  readonly place: Place
  readonly filters: readonly Filter[]
}

/** Which rows are shown, and one more condition on them. */
export function FilterBar({ table, place, filters }: FilterBarProps) {
  const [operator, setOperator] = useState<FilterOperator>('eq')
  const show = (shown: readonly Filter[]): void => {
    const query = new URLSearchParams()
    for (const each of shown) query.append(`filter[${each.column}][${each.operator}]`, each.value)
    const sort = place.query.get('sort')
    if (sort !== null) query.set('sort', sort)
    go(hrefOf(place.path, query))
  }
  return (
    <search>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget)
          const column = String(given.get('column'))
          show([...filters, { column, operator, value: String(given.get('value') ?? '') }])
          event.currentTarget.reset()
          setOperator('eq')
        }}
      >
        <label class="field">
          Column
          <select name="column">
            {table.columns.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Condition
          <select
            value={operator}
            onChange={({ currentTarget }) => setOperator(currentTarget.value as FilterOperator)}
          >
            {Object.entries(OPERATORS).map(([name, sign]) => (
              <option key={name} value={name}>
                {sign}
              </option>
            ))}
          </select>
        </label>
        <ValueField operator={operator} />
        <button type="submit">Filter</button>
      </form>
      {filters.length > 0 && (
        <ul class="chips" aria-label="Filters">
          {filters.map((each, index) => (
            <li key={`${each.column} ${each.operator} ${each.value}`}>
              {words(each)}{' '}
              <button
                type="button"
                aria-label={`Remove ${words(each)}`}
                onClick={() => show(filters.filter((_, other) => other !== index))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  )
}

const EXAMPLES: Readonly<Partial<Record<FilterOperator, string>>> = { like: '%oak%', in: 'a,b,c' }

function ValueField({ operator }: { operator: FilterOperator }) {
  const id = 'filter-value'
  return (
    <div class="field">
      <label for={id}>Value</label>
      {operator === 'null' ? (
        <select id={id} name="value">
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      ) : (
        <input id={id} name="value" placeholder={EXAMPLES[operator] ?? ''} />
      )}
    </div>
  )
}

function words({ column, operator, value }: Filter): string {
  if (operator === 'null') return `${column} is ${value === 'true' ? '' : 'not '}NULL`
  return `${column} ${OPERATORS[operator] ?? operator} ${value}`
}
