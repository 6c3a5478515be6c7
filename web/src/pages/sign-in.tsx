import { useEffect, useState } from 'preact/hooks'
import { type Account, signIn } from '../api/session.js'
import { ProblemNote } from '../components/problem-note.js'
import { useAction } from '../use-loaded.js'

/** Who has a token gets in. */
export function SignInPage({ onSignedIn }: { onSignedIn: (account: Account) => void }) {
  const [token, setToken] = useState('')
  const { run, isAtWork, problem } = useAction(async () => onSignedIn(await signIn(token.trim())))
  useEffect(() => {
    document.title = 'Sign in · dasy'
  }, [])
  const submit = (event: Event): void => {
    event.preventDefault()
    void run()
  }
  return (
    <main class="alone">
      <h1>dasy</h1>
      <form class="card stack" onSubmit={submit}>
        <label class="field">
          Token
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            aria-describedby="token-help"
          />
        </label>
        <p class="quiet" id="token-help">
          <code>dasy serve</code> shows one when it starts for the first time, or says in which file it is.{' '}
          <code>dasy token create NAME</code> makes more.
        </p>
        <ProblemNote problem={problem} />
        <button type="submit" class="is-main" disabled={isAtWork}>
          Sign in
        </button>
      </form>
    </main>
  )
}
