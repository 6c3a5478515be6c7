import type { Command } from './command.js'
import { aggregateCommand } from './commands/aggregate.js'
import { analyzeCommand } from './commands/analyze.js'
import { applyCommand } from './commands/apply.js'
import { blameCommand } from './commands/blame.js'
import { cancelCommand } from './commands/cancel.js'
import { changesCommand } from './commands/changes.js'
import { completionCommand } from './commands/completion.js'
import { dbCommand } from './commands/db.js'
import { enqueueCommand } from './commands/enqueue.js'
import { helpCommand } from './commands/help.js'
import { ingestCommand } from './commands/ingest.js'
import { inspectCommand } from './commands/inspect.js'
import { jobsCommand } from './commands/jobs.js'
import { migrateCommand } from './commands/migrate.js'
import { planCommand } from './commands/plan.js'
import { purgeCommand } from './commands/purge.js'
import { rejectsCommand } from './commands/rejects.js'
import { resumeCommand } from './commands/resume.js'
import { runsCommand } from './commands/runs.js'
import { serveCommand } from './commands/serve.js'
import { tokenCommand } from './commands/token.js'
import { undoCommand } from './commands/undo.js'
import { updateCommand } from './commands/update.js'
import { versionCommand } from './commands/version.js'
import { watchCommand } from './commands/watch.js'
import { workCommand } from './commands/work.js'

/** In the order of `dasy --help`. */
export const commands: readonly Command[] = [
  ingestCommand,
  updateCommand,
  planCommand,
  applyCommand,
  inspectCommand,
  aggregateCommand,
  analyzeCommand,
  runsCommand,
  rejectsCommand,
  changesCommand,
  blameCommand,
  undoCommand,
  purgeCommand,
  resumeCommand,
  watchCommand,
  enqueueCommand,
  workCommand,
  jobsCommand,
  cancelCommand,
  serveCommand,
  tokenCommand,
  migrateCommand,
  dbCommand,
  completionCommand,
  helpCommand,
  versionCommand,
]
