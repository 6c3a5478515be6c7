import { useState } from 'preact/hooks'
import { act, type Run, type RunVerb } from '../../api/runs.js'
import { Confirm } from '../../components/confirm.js'
import { ProblemNote } from '../../components/problem-note.js'
import { go, hrefOf } from '../../place.js'
import { useAction } from '../../use-loaded.js'

interface Verb {
  readonly verb: RunVerb
  readonly name: string
  readonly options?: object
  readonly isDangerous?: boolean
  /** What is asked before; nothing if it can be taken back as easily. */
  readonly question?: string
}

/** What can be done with a run: its buttons, and what the service answers. */
export function RunActions({ run, onDone }: { run: Run; onDone: () => void }) {
  const [asked, setAsked] = useState<Verb>()
  const {
    run: start,
    isAtWork,
    problem,
  } = useAction(async ({ verb, options }: Verb) => {
    const { run: begun } = await act(run.run, verb, options)
    if (begun === run.run) onDone()
    else go(hrefOf(['runs', begun]))
  })
  const choose = (verb: Verb): void => {
    if (verb.question === undefined) void start(verb)
    else setAsked(verb)
  }
  const verbs = verbsOf(run)
  return (
    <>
      {verbs.map((verb) => (
        <button
          key={verb.name}
          type="button"
          class={verb.verb === 'apply' && !verb.options ? 'is-main' : undefined}
          disabled={isAtWork}
          onClick={() => choose(verb)}
        >
          {verb.name}
        </button>
      ))}
      {asked && (
        <Confirm
          title={`${asked.name} run ${run.run}?`}
          verb={asked.name}
          isDangerous={asked.isDangerous ?? false}
          onNo={() => setAsked(undefined)}
          onYes={() => {
            setAsked(undefined)
            void start(asked)
          }}
        >
          <p>{asked.question}</p>
        </Confirm>
      )}
      <ProblemNote problem={problem} />
    </>
  )
}

function verbsOf({ status, command, table, error }: Run): Verb[] {
  switch (status) {
    case 'queued':
    case 'running':
      return [
        { verb: 'cancel', name: 'Cancel', question: 'Nothing of it will be applied.', isDangerous: true },
      ]
    case 'planned':
      return [
        ...(error?.code === 'PLAN_STALE' || error?.code === 'PLAN_LOST'
          ? [{ verb: 'apply', name: 'Plan anew', options: { replan: true } } as const]
          : []),
        { verb: 'apply', name: 'Apply', question: `The table ${table} will be as the plan shows.` },
      ]
    case 'completed':
      return [
        {
          verb: 'undo',
          name: 'Undo',
          question: `A run of its own takes back what this ${command} did to ${table}. Rows that others have changed since are conflicts; then nothing is done.`,
        },
      ]
    default:
      if (command === 'undo' && error?.code === 'UNDO_CONFLICTS')
        return [{ verb: 'resume', name: 'Undo without the conflicts', options: { skipConflicts: true } }]
      return [{ verb: 'resume', name: 'Resume' }]
  }
}
