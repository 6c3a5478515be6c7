import { useState } from 'preact/hooks'
import type { Inspection, Reading } from '../../api/inspect.js'
import { startRun } from '../../api/runs.js'
import { listDatasets, listTables } from '../../api/tables.js'
import { ProblemNote } from '../../components/problem-note.js'
import { go, hrefOf } from '../../place.js'
import { useAction, useLoaded } from '../../use-loaded.js'

interface LoadFormProps {
  readonly upload: string
  readonly name: string
  readonly reading: Reading
  readonly inspection: Inspection
}

/** Into which table, by which key and by whose rules a file is loaded. The words are those of the command line. */
export function LoadForm({ upload, name, reading, inspection }: LoadFormProps) {
  const { key, keyCandidates, proposal } = inspection
  const suggested = (key ?? proposal.key ?? keyCandidates.slice(0, 1)).join(', ')
  const { value: tables = [] } = useLoaded(listTables, [])
  const { value: datasets = [] } = useLoaded(listDatasets, [])
  const [dataset, setDataset] = useState('')
  const { run, isAtWork, problem } = useAction(async (form: FormData, plan: boolean) => {
    const options = { ...reading, ...optionsIn(form), upload, name, plan }
    const { run: begun } = await startRun(options)
    go(hrefOf(['runs', begun]))
  })
  return (
    <section aria-labelledby="load">
      <h2 id="load">Load it</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          const { submitter } = event as SubmitEvent
          void run(new FormData(event.currentTarget), submitter?.getAttribute('name') !== 'load')
        }}
      >
        <div class="bar">
          {datasets.length > 0 && (
            <label class="field">
              dataset
              <select
                name="dataset"
                value={dataset}
                onChange={({ currentTarget }) => setDataset(currentTarget.value)}
              >
                <option value="">none</option>
                {datasets.map((each) => (
                  <option key={each.name}>{each.name}</option>
                ))}
              </select>
            </label>
          )}
          {dataset === '' && (
            <>
              <label class="field">
                table
                <input name="table" required list="tables" defaultValue={tableOf(name)} autocomplete="off" />
              </label>
              <datalist id="tables">
                {tables.map(({ table }) => (
                  <option key={table} value={table} />
                ))}
              </datalist>
              <label class="field">
                key
                <input name="key" required defaultValue={suggested} aria-describedby="key-help" />
              </label>
              <p class="quiet" id="key-help">
                {keyCandidates.length > 0
                  ? `Each value once: ${keyCandidates.join(', ')}`
                  : 'No column has each value once; several with commas between them may.'}
              </p>
            </>
          )}
        </div>
        <Rules />
        <ProblemNote problem={problem} />
        <div class="actions">
          <button type="submit" name="plan" class="is-main" disabled={isAtWork}>
            Plan
          </button>
          <button type="submit" name="load" disabled={isAtWork}>
            Load
          </button>
        </div>
        <p class="quiet">
          <strong>Plan</strong> shows what would change, and changes nothing. <strong>Load</strong> does it at
          once.
        </p>
      </form>
    </section>
  )
}

/** The rules of a load that are not as usual. */
function Rules() {
  return (
    <details>
      <summary>Rules</summary>
      <div class="bar">
        <Choice name="command" usual="ingest" others={['update']} />
        <Choice name="duplicates" usual="last" others={['first', 'error']} />
        <Choice name="onConflict" label="on conflict" usual="update" others={['skip', 'error']} />
        <label class="field">
          max rejects
          <input name="maxRejects" size={8} placeholder="0 or 1%" />
        </label>
        <label class="field">
          max deletes
          <input name="maxDeletes" size={8} placeholder="10%" />
        </label>
      </div>
      <Check name="infer" label="infer: give new columns the types that their values fit" />
      <Check name="existingOnly" label="existing only: leave out records whose key the table does not have" />
      <Check name="sync" label="sync: delete the rows that the file does not have" />
    </details>
  )
}

function Choice({
  name,
  label = name,
  usual,
  others,
}: {
  name: string
  label?: string
  usual: string
  others: string[]
}) {
  return (
    <label class="field">
      {label}
      <select name={name}>
        <option value="">{usual}</option>
        {others.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  )
}

function Check({ name, label }: { name: string; label: string }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} />
      {label}
    </label>
  )
}

const FLAGS = ['infer', 'existingOnly', 'sync']

/** What is given in the form, as the service names it. */
function optionsIn(form: FormData): Record<string, unknown> {
  const given = [...form].flatMap(([name, value]): [string, unknown][] => {
    if (typeof value !== 'string' || value.trim() === '') return []
    if (FLAGS.includes(name)) return [[name, true]]
    if (name === 'key') return [[name, value.split(',').map((column) => column.trim())]]
    return [[name, value.trim()]]
  })
  return Object.fromEntries(given)
}

/** `products` for `2026/Products.csv.gz` */
function tableOf(file: string): string {
  const name = file.split('/').at(-1)?.split('.')[0] ?? ''
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
}
