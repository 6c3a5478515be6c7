import { useRef, useState } from 'preact/hooks'
import { type UploadProgress, unfinishedUploads, upload } from '../../api/uploads.js'
import { ProblemNote } from '../../components/problem-note.js'
import { byteSize, percent } from '../../format.js'
import { useAction, useLoaded } from '../../use-loaded.js'

/** A file to be dropped or chosen, and how far it has arrived. */
export function ChooseFile({ onUploaded }: { onUploaded: (id: string, file: File) => void }) {
  const [sending, setSending] = useState<{ readonly file: File; readonly progress?: UploadProgress }>()
  const stop = useRef<AbortController>(undefined)
  const { run, problem } = useAction(async (file: File) => {
    stop.current = new AbortController()
    setSending({ file })
    try {
      const show = (progress: UploadProgress): void => setSending({ file, progress })
      onUploaded(await upload(file, show, stop.current.signal), file)
    } finally {
      setSending(undefined)
    }
  })
  const cancel = (): void => {
    stop.current?.abort()
    setSending(undefined)
  }
  return (
    <>
      {sending ? (
        <Sending name={sending.file.name} progress={sending.progress} onStop={cancel} />
      ) : (
        <>
          <Drop onFile={(file) => void run(file)} />
          <Unfinished />
        </>
      )}
      <ProblemNote problem={problem} />
    </>
  )
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false)
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0]
    if (file) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: without a mouse the file is chosen by the input in it
    <div
      class={isOver ? 'drop is-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <label for="file">Drop a file here, or choose one</label>
      <input id="file" type="file" onChange={({ currentTarget }) => take(currentTarget.files)} />
      <p class="quiet">CSV, also compressed or in an archive. Nothing is loaded before you have seen it.</p>
    </div>
  )
}

interface SendingProps {
  readonly name: string
  readonly progress: UploadProgress | undefined
  readonly onStop: () => void
}

function Sending({ name, progress, onStop }: SendingProps) {
  const { sent = 0, total = 0 } = progress ?? {}
  return (
    <section class="card progress" aria-label="Upload">
      <p role="status">Sending {name}</p>
      <progress aria-label="Bytes sent" max={progress && total} value={progress && sent} />
      <p class="figures">
        {progress ? `${byteSize(sent)} of ${byteSize(total)} · ${percent(sent, total) || '100 %'}` : '\u00a0'}
      </p>
      <button type="button" onClick={onStop}>
        Stop
      </button>
    </section>
  )
}

/** Uploads that were cut: they go on if the same file is chosen again. */
function Unfinished() {
  const { value: uploads = [], reload } = useLoaded(unfinishedUploads, [])
  if (uploads.length === 0) return null
  return (
    <section aria-labelledby="unfinished">
      <h2 id="unfinished">Not all has arrived</h2>
      <p>Choose the same file again, and its upload goes on where it was.</p>
      <ul>
        {uploads.map(({ id, name, sent, total, forget }) => (
          <li key={id}>
            {name}: {percent(sent, total) || '0 %'} of {byteSize(total)}{' '}
            <button type="button" onClick={() => void forget().finally(reload)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
