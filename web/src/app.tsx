import { useEffect, useState } from 'preact/hooks'
import { onSignedOut, type Problem, toProblem } from './api/request.js'
import { type Account, currentAccount } from './api/session.js'
import { Frame } from './components/frame.js'
import { ProblemNote } from './components/problem-note.js'
import { SignInPage } from './pages/sign-in.js'
import { pageAt } from './pages.js'
import { usePlace } from './place.js'

/** The whole page: who is signed in, and where one is. */
export function App() {
  const place = usePlace()
  const [account, setAccount] = useState<Account | null>()
  const [problem, setProblem] = useState<Problem>()
  const ask = (): void => {
    setProblem(undefined)
    currentAccount().then(setAccount, (error) => {
      const found = toProblem(error)
      if (found.status === 401) setAccount(null)
      else setProblem(found)
    })
  }
  useEffect(ask, [])
  useEffect(() => onSignedOut(() => setAccount(null)), [])

  if (problem)
    return (
      <main class="alone">
        <h1>dasy</h1>
        <ProblemNote problem={problem} onRetry={ask} />
      </main>
    )
  if (account === undefined) return null
  if (account === null) return <SignInPage onSignedIn={setAccount} />
  return (
    <Frame place={place} account={account} onSignedOut={() => setAccount(null)}>
      {pageAt(place, account)}
    </Frame>
  )
}
