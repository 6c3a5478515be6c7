import type { ComponentChildren } from 'preact'
import { type Account, may, signOut } from '../api/session.js'
import { hrefOf, type Place } from '../place.js'

interface FrameProps {
  readonly place: Place
  readonly account: Account
  readonly onSignedOut: () => void
  readonly children: ComponentChildren
}

/** What is around every page: where one can go, and who one is. */
export function Frame({ place, account, onSignedOut, children }: FrameProps) {
  const leave = (): void => void signOut().finally(onSignedOut)
  const here = place.path[0] ?? 'runs'
  const places = [
    ['runs', 'Runs'],
    ...(may(account, 'write') ? [['load', 'Load'] as const] : []),
    ['tables', 'Tables'],
    ...(may(account, 'admin') ? [['webhooks', 'Webhooks'] as const, ['tokens', 'Tokens'] as const] : []),
  ] as const
  return (
    <>
      <button
        type="button"
        class="skip"
        onClick={() => document.querySelector<HTMLElement>('main h1')?.focus()}
      >
        Skip to content
      </button>
      <header class="top">
        <a class="brand" href={hrefOf(['runs'])}>
          dasy
        </a>
        <nav class="links" aria-label="Places">
          {places.map(([path, name]) => (
            <a key={path} href={hrefOf([path])} aria-current={path === here ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="account">
          <span title={`Scope: ${account.scope}`}>{account.name}</span>
          <button type="button" class="is-plain" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main>{children}</main>
    </>
  )
}
