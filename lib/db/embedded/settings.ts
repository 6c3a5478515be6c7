import { availableParallelism, totalmem } from 'node:os'

/**
 * The settings of the embedded server, each with its reason. They are on its command line at every start, so that they
 * change with dasy's version, not with the data. All other settings have PostgreSQL's default. The server is durable:
 * what is committed survives.
 */
export function settings(machine: Machine = thisMachine()): Record<string, string> {
  const megabytes = (part: number, least: number, most: number) =>
    `${Math.round(Math.min(Math.max(machine.memory / part / 2 ** 20, least), most))}MB`
  const { processors } = machine
  return {
    // --- durable -------------------------------------------------------------------------------------
    // Defaults, but explicit: an old postgresql.auto.conf must not change them.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',

    // --- written once, not twice ---------------------------------------------------------------------
    // There is no replication. With `minimal`, a table that is made or emptied in the same transaction is
    // written and synced once, without the log.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    // A checkpoint during a load writes pages that change again, and makes the log contain whole pages
    // again. The price: up to this much log is on disk, and is replayed after a crash (some seconds).
    max_wal_size: '4GB',
    checkpoint_timeout: '30min',
    // Log segments are kept and reused, so that the next load need not create files.
    min_wal_size: '256MB',
    // Several loading sessions fill the default of 16 MB between two flushes.
    wal_buffers: '64MB',

    // --- memory --------------------------------------------------------------------------------------
    // Enough for the index and the staging pages of a usual load; the rest is the system's cache. More than
    // 1 GB made the measured load no faster, and stopping slower.
    shared_buffers: megabytes(8, 128, 1024),
    effective_cache_size: megabytes(2, 256, 1_048_576),
    // A merge sorts and hashes the whole staging area, in memory if possible. This is per sort or hash
    // table and per process, hence a small share.
    work_mem: megabytes(64, 16, 256),
    // One index is built at a time.
    maintenance_work_mem: megabytes(16, 64, 1024),
    // Parallel queries share memory through this. The default `posix` lives in /dev/shm, which is 64 MB in
    // a container: a parallel hash join then fails for lack of space. System V memory has no such limit
    // on Linux (but a tiny one on macOS).
    ...(process.platform === 'linux' && { dynamic_shared_memory_type: 'sysv' }),

    // --- processors ----------------------------------------------------------------------------------
    max_worker_processes: String(Math.max(8, processors * 2)),
    max_parallel_workers: String(processors),
    // They help the leader process, which works too.
    max_parallel_workers_per_gather: String(Math.min(processors - 1, 8)),
    max_parallel_maintenance_workers: String(Math.min(processors - 1, 8)),
    // Few, large statements of known shape: compiling them costs more than it saves.
    jit: 'off',
    // The disks are SSDs or the system's cache.
    random_page_cost: '1.1',

    // --- who may connect -----------------------------------------------------------------------------
    listen_addresses: '127.0.0.1',
    unix_socket_permissions: '0700',
    // The merge of a killed command must not continue and hold its locks for minutes. (Windows
    // cannot check for a lost client.)
    ...(process.platform !== 'win32' && { client_connection_check_interval: '1s' }),

    // --- the same everywhere -------------------------------------------------------------------------
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',

    // --- the log -------------------------------------------------------------------------------------
    // Problems of the server go to the file that dasy opened. Errors of statements are reported to their
    // client; in the log they would only fill the file, with the users' data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
  }
}

export interface Machine {
  /** Bytes. */
  readonly memory: number
  readonly processors: number
}

/** In a container its memory limit, not the memory of the machine. */
function thisMachine(): Machine {
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { memory: Math.min(totalmem(), allowed), processors: availableParallelism() }
}
