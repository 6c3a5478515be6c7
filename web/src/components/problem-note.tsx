import type { Problem } from '../api/request.js'

/** What went wrong, and what can be done about it. A screen reader says it at once. */
export function ProblemNote({ problem, onRetry }: { problem: Problem | undefined; onRetry?: () => void }) {
  if (!problem) return null
  return (
    <div class="note is-bad" role="alert">
      <p>
        <strong>{problem.title}</strong> <code>{problem.code}</code>
      </p>
      <p>{problem.message}</p>
      {problem.hint && <p>{problem.hint}</p>}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
