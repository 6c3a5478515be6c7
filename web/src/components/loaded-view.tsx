import type { ComponentChildren } from 'preact'
import type { Loaded } from '../use-loaded.js'
import { ProblemNote } from './problem-note.js'

/** Something loaded: while it is loading for the first time, when it is there, and if it failed. */
export function LoadedView<Value>({
  of: { value, problem, isLoading, reload },
  children,
}: {
  of: Loaded<Value>
  children: (value: Value) => ComponentChildren
}) {
  return (
    <div class="loaded" aria-busy={isLoading}>
      <ProblemNote problem={problem} onRetry={reload} />
      {value !== undefined && children(value)}
      {value === undefined && isLoading && (
        <p class="quiet" role="status">
          Loading …
        </p>
      )}
    </div>
  )
}
