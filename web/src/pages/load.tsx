import { Head } from '../components/head.js'
import { go, hrefOf, type Place } from '../place.js'
import { ChooseFile } from './load/choose-file.js'
import { LoadUpload } from './load/load-upload.js'

/** From a file to its run: upload, preview, options, then a plan or the load itself. */
export function LoadPage({ place }: { place: Place }) {
  const upload = place.query.get('upload')
  const name = place.query.get('name') ?? ''
  return (
    <>
      <Head title={upload === null ? 'Load a file' : `Load ${name}`} />
      {upload === null ? (
        <ChooseFile onUploaded={(id, file) => go(hrefOf(['load'], { upload: id, name: file.name }), true)} />
      ) : (
        <LoadUpload key={upload} place={place} upload={upload} name={name} />
      )}
    </>
  )
}
