import { useState } from 'preact/hooks'
import {
  type Delivery,
  deleteWebhook,
  enableWebhook,
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
import { counted, time } from '../format.js'
import { go, hrefOf } from '../place.js'
import { useAction, useLoaded } from '../use-loaded.js'
import { stateOf } from './webhooks.js'

/** One webhook: what it was sent, and what it answered. */
export function WebhookPage({ id }: { id: number }) {
  const loaded = useLoaded((signal) => getWebhook(id, signal), [id])
  const deliveries = useLoaded((signal) => listDeliveries(id, signal), [id])
  const reload = (): void => {
    loaded.reload()
    deliveries.reload()
  }
  return (
    <LoadedView of={loaded} title={`Webhook ${id}`}>
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
  const { id, url, events, tables, disabled, waiting } = webhook
  const [secret, setSecret] = useState<string>()
  const [isAsked, setAsked] = useState(false)
  const test = useAction(async () => {
    await testWebhook(id)
    onChanged()
  })
  const rotate = useAction(async () => setSecret((await rotateWebhook(id)).secret))
  const enable = useAction(async () => {
    await enableWebhook(id)
    onChanged()
  })
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
        {disabled !== null && (
          <button type="button" onClick={() => void enable.run()}>
            Switch on
          </button>
        )}
        <button type="button" class="is-dangerous" onClick={() => setAsked(true)}>
          Delete
        </button>
      </Head>
      <ProblemNote problem={test.problem ?? rotate.problem ?? enable.problem ?? remove.problem} />
      {secret !== undefined && (
        <Secret title="The new secret; the old one signs as well for 24 hours" secret={secret} />
      )}
      <dl class="facts">
        <div>
          <dt>state</dt>
          <dd>{stateOf(webhook)}</dd>
        </div>
        <div>
          <dt>waiting</dt>
          <dd>{counted(waiting, 'message')}</dd>
        </div>
        <div>
          <dt>events</dt>
          <dd>{events.join(', ')}</dd>
        </div>
        <div>
          <dt>tables</dt>
          <dd>{tables?.join(', ') ?? 'all'}</dd>
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
  readonly id: number
  readonly deliveries: readonly Delivery[]
  readonly onChanged: () => void
}

/** Every attempt, the newest first. */
function Deliveries({ id, deliveries, onChanged }: DeliveriesProps) {
  const again = useAction(async (delivery: number) => {
    await redeliver(id, delivery)
    onChanged()
  })
  if (deliveries.length === 0) return <p class="empty">Nothing was sent in the last 7 days.</p>
  return (
    <>
      <ProblemNote problem={again.problem} />
      <div class="wide">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">time</th>
              <th scope="col">event</th>
              <th scope="col" class="number">
                run
              </th>
              <th scope="col" class="number">
                status
              </th>
              <th scope="col" class="number">
                seconds
              </th>
              <th scope="col">answer</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <tr key={delivery.id}>
                <td class="nowrap">{time(delivery.attemptedAt)}</td>
                <th scope="row">{delivery.type}</th>
                <td class="number">
                  {delivery.run !== null && <a href={hrefOf(['runs', delivery.run])}>{delivery.run}</a>}
                </td>
                <td class="number">{delivery.status ?? 'none'}</td>
                <td class="number">{delivery.seconds.toFixed(2)}</td>
                <td class="cell">{delivery.error ?? delivery.answer}</td>
                <td class="nowrap">
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
