import { availableParallelism, totalmem } from 'node:os'

/**
 * How the embedded server is set, each with its reason. They go on its command line at every start, so
 * that they change with the version of dasy and never stay as they were when the data was made.
 * What is not here is PostgreSQL's default. Durability is not for sale: what commits survives.
 */
export function settings(machine: Machine = thisMachine()): Record<string, string> {
  const megabytes = (part: number, least: number, most: number) =>
    `${Math.round(Math.min(Math.max(machine.memory / part / 2 ** 20, least), most))}MB`
  const { processors } = machine
  return {
    // --- durable -------------------------------------------------------------------------------------
    // Defaults, but said aloud: an old postgresql.auto.conf must not take them away.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',

    // --- written once, not twice ---------------------------------------------------------------------
    // Nobody replicates from here; with `minimal` a table made or emptied in the same transaction is
    // written and synced once, without passing through the log.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    // A checkpoint in the middle of a load writes pages that are dirtied again, and makes the log carry
    // whole pages anew. The price: after a crash up to this much log is replayed (seconds), and may lie on disk.
    max_wal_size: '4GB',
    checkpoint_timeout: '30min',
    // Log segments that are kept to be written over, so that a next load need not make files.
    min_wal_size: '256MB',
    // Several sessions in bulk outrun the default of 16 MB between two flushes.
    wal_buffers: '64MB',

    // --- memory --------------------------------------------------------------------------------------
    // The table's index and the staging pages of a usual load; the rest is the system's cache. Above
    // 1 GB the measured load gained nothing, and stopping takes longer.
    shared_buffers: megabytes(8, 128, 1024),
    effective_cache_size: megabytes(2, 256, 1_048_576),
    // A merge sorts and hashes the whole staging area: in memory where there is some. Per sort or hash
    // table and per process, hence a small part.
    work_mem: megabytes(64, 16, 256),
    // One index is built at a time.
    maintenance_work_mem: megabytes(16, 64, 1024),
    // Parallel queries share memory through this. The default `posix` lives in /dev/shm, which is 64 MB in
    // a container: a parallel hash join then fails for want of space. System V memory has no such limit
    // on Linux (but a tiny one on macOS).
    ...(process.platform === 'linux' && { dynamic_shared_memory_type: 'sysv' }),

    // --- processors ----------------------------------------------------------------------------------
    max_worker_processes: String(Math.max(8, processors * 2)),
    max_parallel_workers: String(processors),
    // They help the process that asks, which works as well.
    max_parallel_workers_per_gather: String(Math.min(processors - 1, 8)),
    max_parallel_maintenance_workers: String(Math.min(processors - 1, 8)),
    // Few, large statements of known shape: compiling them costs more than it gives.
    jit: 'off',
    // The disks are SSDs or the system's cache.
    random_page_cost: '1.1',

    // --- who may come in -----------------------------------------------------------------------------
    listen_addresses: '127.0.0.1',
    unix_socket_permissions: '0700',
    // A killed command must not leave its merge running, and its locks held, for minutes. (Windows
    // cannot look for a lost client.)
    ...(process.platform !== 'win32' && { client_connection_check_interval: '1s' }),

    // --- the same everywhere -------------------------------------------------------------------------
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',

    // --- the log -------------------------------------------------------------------------------------
    // What ails the server, into the file that dasy opened. Errors of statements are told to whoever
    // sent them; here they would only fill the file, with the users' data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
  }
}

export interface Machine {
  /** Bytes. */
  readonly memory: number
  readonly processors: number
}

/** In a container the memory that it may have, which is not what the machine has. */
function thisMachine(): Machine {
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { memory: Math.min(totalmem(), allowed), processors: availableParallelism() }
}
