import type { Problem } from '../api/request.js'

/** What went wrong, and what can be done about it. A screen reader says it at once. */
export function ProblemNote({ problem, onRetry }: { problem: Problem | undefined; onRetry?: () => void }) {
  if (!problem) return null
  return (
    <div class="note is-bad" role="alert">
      <p>
        <strong>{problem.title}</strong> <code>{problem.code}</code>
      </p>
      <p>{sentence(problem.message)}</p>
      {problem.hint && <p>{problem.hint}</p>}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
