import type { KeyChange } from '../contract/change.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import type { StoredKeyChange } from '../history/key-history.js'
import { RecordPlaces } from '../history/record-places.js'
import { listSources, type StoredSource } from '../ledger/sources.js'

/** What the ledger knows about runs, read at once. */
export class RunFacts {
  private constructor(
    private readonly session: Session,
    private readonly runs: ReadonlyMap<number, { readonly command: string; readonly time: Date }>,
    private readonly sources: readonly StoredSource[],
  ) {}

  static async of(session: Session, runs: readonly number[]): Promise<RunFacts> {
    const facts = await session.rows<{ run: number; command: string; time: Date }>(
      query`SELECT run, command, coalesce(ended_at, started_at) AS time FROM dasy.runs WHERE run = ANY ($1::bigint[])`,
      [runs],
    )
    const known = new Map(facts.map(({ run, command, time }) => [run, { command, time }]))
    return new RunFacts(session, known, await listSources(session, runs))
  }

  /** The source of a run that had only one. */
  onlySource(run: number): string | null {
    const [source, ...others] = this.sources.filter((each) => each.run === run)
    return source && others.length === 0 ? source.name : null
  }

  async change(
    run: number,
    position: Pick<StoredKeyChange, 'source' | 'place'>,
  ): Promise<Omit<KeyChange, 'op' | 'old' | 'new'>> {
    const { command, time } = this.runs.get(run) as { command: string; time: Date }
    const sources = this.sources.filter((source) => source.run === run)
    return { run, time, command, ...(await new RecordPlaces(this.session, run, sources).of(position)) }
  }
}
