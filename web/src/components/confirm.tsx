import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface ConfirmProps {
  readonly title: string
  readonly verb: string
  readonly isDangerous?: boolean
  readonly onYes: () => void
  readonly onNo: () => void
  readonly children: ComponentChildren
}

/** Asks before something is done. Escape says no. */
export function Confirm({ title, verb, isDangerous = false, onYes, onNo, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onNo}>
      <h2 id={id}>{title}</h2>
      {children}
      <div class="actions">
        <button type="button" onClick={onNo}>
          Back
        </button>
        <button type="button" class={isDangerous ? 'is-dangerous' : 'is-main'} onClick={onYes}>
          {verb}
        </button>
      </div>
    </dialog>
  )
}
