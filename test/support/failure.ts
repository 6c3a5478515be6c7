import type { Test } from 'tap'
import { DasyError } from './compiled.js'

/** The error that a call of dasy ends with; it must be one of dasy's own. */
export async function failure(t: Test, call: Promise<unknown>): Promise<InstanceType<typeof DasyError>> {
  try {
    await call
  } catch (error) {
    if (error instanceof DasyError) return error
    t.fail('the error is one of dasy', { found: error })
    throw error
  }
  throw new Error('it should have failed, but it succeeded')
}
