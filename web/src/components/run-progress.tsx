import { useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../api/request.js'
import { followRun, type Progress } from '../api/run-events.js'
import type { Run } from '../api/runs.js'
import { byteSize, count, duration, percent } from '../format.js'
import { ProblemNote } from './problem-note.js'

const WORDS: Readonly<Record<string, string>> = {
  queued: 'waits for its turn',
  start: 'starts',
  copy: 'copies records',
  merge: 'merges',
}

/** How far a run is, told by the service as it happens. */
export function RunProgress({ run, onEnd }: { run: number; onEnd: (receipt: Run) => void }) {
  const [phase, setPhase] = useState('')
  const [progress, setProgress] = useState<Progress>()
  const [isLost, setLost] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    const stop = new AbortController()
    const listener = {
      onPhase: setPhase,
      onProgress: setProgress,
      onEnd,
      onConnection: (isThere: boolean) => setLost(!isThere),
    }
    followRun(run, listener, stop.signal).catch((error) => setProblem(toProblem(error)))
    return () => stop.abort()
  }, [run])
  const { bytes = 0, totalBytes = null } = progress ?? {}
  const isKnown = phase === 'copy' && totalBytes !== null && totalBytes > 0
  return (
    <section class="card progress" aria-label="Progress">
      <ProblemNote problem={problem} />
      <p role="status">
        Run {run} {WORDS[phase] ?? 'is at work'}
        {isLost && <span class="quiet"> · the connection is lost, and is tried again</span>}
      </p>
      <progress
        aria-label="Bytes read"
        max={isKnown ? totalBytes : undefined}
        value={isKnown ? bytes : undefined}
      />
      <p class="figures">{progress ? figuresOf(progress) : ' '}</p>
    </section>
  )
}

function figuresOf({ bytes, totalBytes, records, perSecond, secondsLeft }: Progress): string {
  const size =
    totalBytes === null ? byteSize(bytes) : `${percent(bytes, totalBytes)} of ${byteSize(totalBytes)}`
  const pace = perSecond > 0 ? [`${count(perSecond)} records/s`] : []
  const left = secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]
  return [size, `${count(records)} records`, ...pace, ...left].join(' · ')
}
