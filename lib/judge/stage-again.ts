/** What was staged on the direct path cannot become the table: the next attempt stages as usual. */
export class StageAgain extends Error {
  constructor() {
    super('what was staged cannot become the table')
  }
}
