import { Head } from '../components/head.js'
import { hrefOf } from '../place.js'

export function NotFoundPage() {
  return (
    <>
      <Head title="Not found" />
      <p>
        There is nothing at this address. <a href={hrefOf(['runs'])}>To the runs</a>
      </p>
    </>
  )
}
