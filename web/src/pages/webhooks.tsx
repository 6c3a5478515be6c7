import { useState } from 'preact/hooks'
import {
  createWebhook,
  listWebhooks,
  WEBHOOK_EVENTS,
  type Webhook,
  type WebhookEvent,
  type WebhookSecret,
} from '../api/webhooks.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { ProblemNote } from '../components/problem-note.js'
import { Secret } from '../components/secret.js'
import { hrefOf } from '../place.js'
import { useAction, useLoaded } from '../use-loaded.js'

/** Who is told of what. */
export function WebhooksPage() {
  const loaded = useLoaded(listWebhooks, [])
  const [made, setMade] = useState<Webhook & WebhookSecret>()
  return (
    <>
      <Head title="Webhooks" />
      {made && <Secret title={`The secret of the webhook to ${made.url}`} secret={made.secret} />}
      <LoadedView of={loaded}>
        {(webhooks) =>
          webhooks.length === 0 ? (
            <p class="empty">No webhooks yet.</p>
          ) : (
            <div class="wide">
              <table class="list">
                <thead>
                  <tr>
                    <th scope="col">URL</th>
                    <th scope="col">events</th>
                    <th scope="col">tables</th>
                    <th scope="col">state</th>
                  </tr>
                </thead>
                <tbody>
                  {webhooks.map((webhook) => (
                    <tr key={webhook.id}>
                      <th scope="row" class="cell">
                        <a href={hrefOf(['webhooks', webhook.id])}>{webhook.url}</a>
                      </th>
                      <td>{webhook.events.join(', ')}</td>
                      <td>{webhook.tables?.join(', ') ?? 'all'}</td>
                      <td>{stateOf(webhook)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </LoadedView>
      <NewWebhookForm
        onMade={(webhook) => {
          setMade(webhook)
          loaded.reload()
        }}
      />
    </>
  )
}

export function stateOf({ disabled }: Webhook): string {
  return disabled === null ? 'on' : `switched off: ${disabled}`
}

function NewWebhookForm({ onMade }: { onMade: (webhook: Webhook & WebhookSecret) => void }) {
  const { run, isAtWork, problem } = useAction(async (form: HTMLFormElement) => {
    const given = new FormData(form)
    const tables = String(given.get('tables') ?? '')
      .split(',')
      .map((table) => table.trim())
      .filter((table) => table !== '')
    const events = given.getAll('events') as WebhookEvent[]
    const url = String(given.get('url'))
    onMade(await createWebhook({ url, events, ...(tables.length > 0 && { tables }) }))
    form.reset()
  })
  return (
    <section aria-labelledby="new-webhook">
      <h2 id="new-webhook">New webhook</h2>
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault()
          void run(event.currentTarget)
        }}
      >
        <label class="field">
          URL
          <input name="url" type="url" required placeholder="https://shop.example/dasy" />
        </label>
        <fieldset>
          <legend>Events</legend>
          {WEBHOOK_EVENTS.map((event) => (
            <label key={event} class="check">
              <input type="checkbox" name="events" value={event} defaultChecked={event === 'rows.changed'} />
              {event}
            </label>
          ))}
        </fieldset>
        <label class="field">
          Tables
          <input name="tables" placeholder="all" />
        </label>
        <ProblemNote problem={problem} />
        <div class="actions">
          <button type="submit" class="is-main" disabled={isAtWork}>
            Create
          </button>
        </div>
      </form>
    </section>
  )
}
