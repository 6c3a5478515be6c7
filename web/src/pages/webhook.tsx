import { useState } from 'preact/hooks'
import {
  type Delivery,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  redeliver,
  rotateWebhook,
  testWebhook,
  type Webhook,
} from '../api/webhooks.js'
import { Confirm } from '../components/confirm.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { ProblemNote } from '../components/problem-note.js'
import { Secret } from '../components/secret.js'
import { time } from '../format.js'
import { go, hrefOf } from '../place.js'
import { useAction, useLoaded } from '../use-loaded.js'
import { stateOf } from './webhooks.js'

/** One webhook: what it was sent, and what it answered. */
export function WebhookPage({ id }: { id: string }) {
  const loaded = useLoaded((signal) => getWebhook(id, signal), [id])
  const deliveries = useLoaded((signal) => listDeliveries(id, signal), [id])
  const reload = (): void => {
    loaded.reload()
    deliveries.reload()
  }
  return (
    <LoadedView of={loaded}>
      {(webhook) => (
        <>
          <Known webhook={webhook} onChanged={reload} />
          <section aria-labelledby="deliveries">
            <h2 id="deliveries">Deliveries</h2>
            <button type="button" onClick={reload}>
              Refresh
            </button>
            <LoadedView of={deliveries}>
              {(list) => <Deliveries id={webhook.id} deliveries={list} onChanged={reload} />}
            </LoadedView>
          </section>
        </>
      )}
    </LoadedView>
  )
}

function Known({ webhook, onChanged }: { webhook: Webhook; onChanged: () => void }) {
  const { id, url, events, tables, disabledReason } = webhook
  const [secret, setSecret] = useState<string>()
  const [isAsked, setAsked] = useState(false)
  const test = useAction(async () => {
    await testWebhook(id)
    onChanged()
  })
  const rotate = useAction(async () => setSecret((await rotateWebhook(id)).secret))
  const remove = useAction(async () => {
    await deleteWebhook(id)
    go(hrefOf(['webhooks']))
  })
  return (
    <>
      <Head title={url}>
        <button type="button" class="is-main" disabled={test.isAtWork} onClick={() => void test.run()}>
          Send a test
        </button>
        <button type="button" disabled={rotate.isAtWork} onClick={() => void rotate.run()}>
          New secret
        </button>
        <button type="button" class="is-dangerous" onClick={() => setAsked(true)}>
          Delete
        </button>
      </Head>
      <ProblemNote problem={test.problem ?? rotate.problem ?? remove.problem} />
      {secret !== undefined && (
        <Secret title="The new secret; the old one signs as well for 24 hours" secret={secret} />
      )}
      <dl class="facts">
        <div>
          <dt>state</dt>
          <dd>
            {stateOf(webhook)}
            {disabledReason ? `: ${disabledReason}` : ''}
          </dd>
        </div>
        <div>
          <dt>events</dt>
          <dd>{events.join(', ')}</dd>
        </div>
        <div>
          <dt>tables</dt>
          <dd>{tables?.length ? tables.join(', ') : 'all'}</dd>
        </div>
      </dl>
      {isAsked && (
        <Confirm
          title="Delete this webhook?"
          verb="Delete"
          isDangerous
          onNo={() => setAsked(false)}
          onYes={() => {
            setAsked(false)
            void remove.run()
          }}
        >
          <p>{url} is told of nothing more, and what waits for it is dropped.</p>
        </Confirm>
      )}
    </>
  )
}

interface DeliveriesProps {
  readonly id: Webhook['id']
  readonly deliveries: readonly Delivery[]
  readonly onChanged: () => void
}

function Deliveries({ id, deliveries, onChanged }: DeliveriesProps) {
  const again = useAction(async (delivery: Delivery['id']) => {
    await redeliver(id, delivery)
    onChanged()
  })
  if (deliveries.length === 0) return <p class="empty">Nothing was sent yet.</p>
  return (
    <>
      <ProblemNote problem={again.problem} />
      <div class="wide">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">event</th>
              <th scope="col">attempts</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <tr key={delivery.id}>
                <th scope="row">{delivery.event ?? delivery.type}</th>
                <td>
                  <ol class="history">
                    {(delivery.attempts ?? []).map((attempt, index) => (
                      <li key={index}>
                        {attempt.time && time(attempt.time)} <strong>{attempt.status ?? 'no answer'}</strong>{' '}
                        <span class="quiet">{attempt.error ?? attempt.answer}</span>
                      </li>
                    ))}
                  </ol>
                </td>
                <td>
                  <button type="button" class="is-small" onClick={() => void again.run(delivery.id)}>
                    Send again
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
