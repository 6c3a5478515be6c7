import { defaultOptions, type PreviousUpload, Upload } from 'tus-js-client'
import { OWN_PAGE, request, send } from './request.js'

/** Uploads by the tus protocol: one that was cut goes on where it was, also after the page was loaded again. */

const ENDPOINT = '/v1/uploads'

export interface UploadProgress {
  readonly sent: number
  readonly total: number
}

/** Sends a file. @returns the upload's ID */
export async function upload(
  file: File,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = withResolvers<string>()
  const sending = new Upload(file, {
    endpoint: ENDPOINT,
    headers: { ...OWN_PAGE },
    metadata: { filename: file.name },
    retryDelays: [0, 1000, 3000, 5000, 10_000, 30_000],
    removeFingerprintOnSuccess: true,
    onProgress: (sent, total) => onProgress({ sent, total }),
    onSuccess: () => resolve(idOf(sending.url ?? '')),
    onError: reject,
  })
  const [previous] = await sending.findPreviousUploads()
  if (previous) sending.resumeFromPreviousUpload(previous)
  signal.addEventListener('abort', () => void sending.abort(), { once: true })
  sending.start()
  return await promise
}

/** An upload that this browser began and that has not arrived as a whole. */
export interface UnfinishedUpload {
  readonly name: string
  readonly sent: number
  readonly total: number
  readonly id: string
  readonly forget: () => Promise<void>
}

/** The browser remembers only which they are; how far they are is what the service says. */
export async function unfinishedUploads(): Promise<UnfinishedUpload[]> {
  const known = (await defaultOptions.urlStorage?.findAllUploads()) ?? []
  const found = await Promise.all(known.map(unfinished))
  return found.filter((each) => each !== undefined)
}

async function unfinished(known: PreviousUpload): Promise<UnfinishedUpload | undefined> {
  const id = idOf(known.uploadUrl ?? '')
  const path = `${ENDPOINT}/${id}`
  const drop = async (): Promise<void> => {
    await defaultOptions.urlStorage?.removeUpload(known.urlStorageKey)
  }
  try {
    const { headers } = await send('HEAD', path, { headers: TUS })
    const sent = Number(headers.get('upload-offset'))
    const forget = async (): Promise<void> => {
      await request('DELETE', path, { headers: TUS })
      await drop()
    }
    return { name: known.metadata.filename ?? '', sent, total: known.size ?? 0, id, forget }
  } catch {
    await drop()
    return undefined
  }
}

const TUS = { 'tus-resumable': '1.0.0' }

function idOf(url: string): string {
  return url.split('/').at(-1) ?? ''
}

function withResolvers<Value>() {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((onYes, onNo) => {
    resolve = onYes
    reject = onNo
  })
  return { promise, resolve, reject }
}
