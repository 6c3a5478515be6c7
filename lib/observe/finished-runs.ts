import { addObserver } from '../contract/events.js'
import type { Seconds } from '../contract/receipt.js'

/** Tells how long each run took that this process does. */
export function observeRuns(tell: (seconds: Seconds) => void): void {
  addObserver({
    follow: () => {
      // A run that was complete already reports its receipt too, but was not done here.
      let isHere = false
      return (event) => {
        if (event.type === 'run') isHere = true
        if (event.type === 'receipt' && isHere) tell(event.receipt.seconds)
      }
    },
  })
}
