import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from './api/request.js'

/** What was loaded from the service. */
export interface Loaded<Value> {
  /** The last one stays while the next is loading, so that nothing jumps. */
  readonly value: Value | undefined
  readonly problem: Problem | undefined
  readonly isLoading: boolean
  readonly reload: () => void
}

interface State<Value> {
  /** What it is the answer to. */
  readonly asked?: string
  readonly value?: Value | undefined
  readonly problem?: Problem | undefined
}

/** Loads something when the page shows it, and again when one of these has changed. */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  on: readonly (string | number)[],
): Loaded<Value> {
  const [state, setState] = useState<State<Value>>({})
  const [turn, setTurn] = useState(0)
  const reload = useCallback(() => setTurn((turn) => turn + 1), [])
  const asked = JSON.stringify([turn, ...on])
  useEffect(() => {
    const stop = new AbortController()
    load(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ asked, value }),
      (error) =>
        !stop.signal.aborted && setState(({ value }) => ({ asked, value, problem: toProblem(error) })),
    )
    return () => stop.abort()
  }, [asked])
  const isLoading = state.asked !== asked
  return { value: state.value, problem: isLoading ? undefined : state.problem, isLoading, reload }
}

/** Something that a button does: whether it is at work, and what went wrong. */
export function useAction<Arguments extends unknown[]>(
  act: (...given: Arguments) => Promise<unknown>,
): {
  readonly run: (...given: Arguments) => Promise<void>
  readonly isAtWork: boolean
  readonly problem: Problem | undefined
} {
  const [isAtWork, setAtWork] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const run = async (...given: Arguments): Promise<void> => {
    setAtWork(true)
    setProblem(undefined)
    try {
      await act(...given)
    } catch (error) {
      setProblem(toProblem(error))
    } finally {
      setAtWork(false)
    }
  }
  return { run, isAtWork, problem }
}
