import type { ComponentChildren } from 'preact'
import type { Loaded } from '../use-loaded.js'
import { Head } from './head.js'
import { ProblemNote } from './problem-note.js'

/** Something loaded: while it is loading for the first time, when it is there, and if it failed. */
export function LoadedView<Value>({
  of: { value, problem, isLoading, reload },
  title,
  children,
}: {
  of: Loaded<Value>
  /** The heading of the place, if what is loaded has it. */
  title?: string
  children: (value: Value) => ComponentChildren
}) {
  return (
    <div class="loaded" aria-busy={isLoading}>
      {value === undefined && title !== undefined && <Head title={title} />}
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
