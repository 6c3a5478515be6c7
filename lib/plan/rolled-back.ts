class RolledBack<Result> extends Error {
  constructor(readonly result: Result) {
    super('rolled back')
  }
}

/**
 * The result of a transaction that is rolled back.
 * @param transaction calls `done` at its end
 * @throws any other error of the transaction
 */
export async function rolledBack<Result>(
  transaction: (done: (result: Result) => never) => Promise<unknown>,
): Promise<Result> {
  try {
    await transaction((result) => {
      throw new RolledBack(result)
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.result as Result
    throw error
  }
  throw new Error('the transaction was to be rolled back')
}
