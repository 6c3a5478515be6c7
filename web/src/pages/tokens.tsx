import { useState } from 'preact/hooks'
import { createToken, listTokens, type NewToken, revokeToken, type Token } from '../api/tokens.js'
import { Confirm } from '../components/confirm.js'
import { Head } from '../components/head.js'
import { LoadedView } from '../components/loaded-view.js'
import { ProblemNote } from '../components/problem-note.js'
import { Secret } from '../components/secret.js'
import { time } from '../format.js'
import { useAction, useLoaded } from '../use-loaded.js'

/** Who may do what, by which token. */
export function TokensPage() {
  const loaded = useLoaded(listTokens, [])
  const [made, setMade] = useState<NewToken>()
  return (
    <>
      <Head title="Tokens" />
      <NewTokenForm
        onMade={(token) => {
          setMade(token)
          loaded.reload()
        }}
      />
      {made && <Secret title={`The token ${made.name}`} secret={made.token} />}
      <LoadedView of={loaded}>
        {(tokens) => <TokenTable tokens={tokens} onChanged={loaded.reload} />}
      </LoadedView>
    </>
  )
}

function NewTokenForm({ onMade }: { onMade: (token: NewToken) => void }) {
  const { run, isAtWork, problem } = useAction(async (form: HTMLFormElement) => {
    const [name, scope, expires] = ['name', 'scope', 'expires'].map((each) =>
      String(new FormData(form).get(each) ?? '').trim(),
    ) as [string, string, string]
    onMade(await createToken({ name, scope, ...(expires !== '' && { expires }) }))
    form.reset()
  })
  return (
    <form
      class="bar"
      aria-label="New token"
      onSubmit={(event) => {
        event.preventDefault()
        void run(event.currentTarget)
      }}
    >
      <label class="field">
        Name
        <input name="name" required maxLength={100} autocomplete="off" />
      </label>
      <label class="field">
        Scope
        <select name="scope">
          <option>read</option>
          <option>write</option>
          <option>admin</option>
        </select>
      </label>
      <label class="field">
        Expires in
        <input name="expires" placeholder="90d, or never" size={12} autocomplete="off" />
      </label>
      <button type="submit" class="is-main" disabled={isAtWork}>
        Create
      </button>
      <ProblemNote problem={problem} />
    </form>
  )
}

function TokenTable({ tokens, onChanged }: { tokens: readonly Token[]; onChanged: () => void }) {
  const [asked, setAsked] = useState<string>()
  const { run: revoke, problem } = useAction(async (name: string) => {
    await revokeToken(name)
    onChanged()
  })
  return (
    <>
      <ProblemNote problem={problem} />
      <div class="wide">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">scope</th>
              <th scope="col">created</th>
              <th scope="col">expires</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map(({ name, scope, createdAt, expiresAt, revokedAt }) => (
              <tr key={`${name} ${createdAt}`}>
                <th scope="row">{name}</th>
                <td>{scope}</td>
                <td class="nowrap">{time(createdAt)}</td>
                <td class="nowrap">{expiresAt === null ? 'never' : time(expiresAt)}</td>
                <td class="nowrap">
                  {revokedAt === null ? (
                    <button type="button" class="is-small" onClick={() => setAsked(name)}>
                      Revoke
                    </button>
                  ) : (
                    `revoked ${time(revokedAt)}`
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asked !== undefined && (
        <Confirm
          title={`Revoke ${asked}?`}
          verb="Revoke"
          isDangerous
          onNo={() => setAsked(undefined)}
          onYes={() => {
            setAsked(undefined)
            void revoke(asked)
          }}
        >
          <p>From then on nobody gets in by it.</p>
        </Confirm>
      )}
    </>
  )
}
