import { availableParallelism, totalmem } from 'node:os'

/**
 * The settings of the embedded server, each with its reason. They are on its command line at every start, so they belong to
 * the version of dasy, not to the data. All other settings have PostgreSQL's defaults. The server is durable: committed
 * transactions survive a crash.
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

    // --- less WAL -------------------------------------------------------------------------------------------
    // There is no replication. With `minimal`, a table that is created or truncated in the same transaction is
    // written and synced once, without WAL.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    // A checkpoint during a load writes pages that change again, and after it whole pages are written to the WAL
    // again. The price: up to this much WAL is on disk, and is replayed after a crash (some seconds).
    max_wal_size: '4GB',
    checkpoint_timeout: '30min',
    // WAL segments are kept and reused, so that the next load need not create files.
    min_wal_size: '256MB',
    // Less than the default of 16 MB: each session touches all of them, which costs more on a virtual machine than writing them
    // more often.
    wal_buffers: '4MB',
    // The WAL of a large update is written and flushed by the WAL writer, on another processor, while the update goes on. It must come
    // before the buffers are full, or else the update waits until it has written them itself: at 10 ms an update of a tenth of
    // all rows took half as long again. When nothing happens, it wakes 20 times in a second.
    wal_writer_delay: '2ms',

    // --- memory --------------------------------------------------------------------------------------
    // Enough for the index and the staging pages of a usual load; the rest is for the system's cache. More than
    // 1 GB made the measured load no faster, and made stopping slower.
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
    // That memory is kept by the server for the next query, up to this size. Otherwise the system makes it anew for each one, which
    // took a tenth of the time of an update. Pages that were never used take no memory.
    min_dynamic_shared_memory: megabytes(64, 16, 256),

    // Sessions read files themselves. What they read is in the system's cache mostly, and workers that copy it for them take more
    // processor time than they save.
    io_method: 'sync',

    // --- processors ----------------------------------------------------------------------------------
    max_worker_processes: String(Math.max(8, processors * 2)),
    max_parallel_workers: String(processors),
    // One less than the processors, because the leader process works too.
    max_parallel_workers_per_gather: String(Math.min(processors - 1, 8)),
    max_parallel_maintenance_workers: String(Math.min(processors - 1, 8)),
    // Compiling dasy's few large statements costs more than it saves.
    jit: 'off',
    // Data is on SSDs or in the system's cache.
    random_page_cost: '1.1',

    // --- who may connect -----------------------------------------------------------------------------
    listen_addresses: '127.0.0.1',
    unix_socket_permissions: '0700',
    // The merge of a killed command must not continue and keep its locks for minutes. (On Windows
    // PostgreSQL cannot check for a lost client.)
    ...(process.platform !== 'win32' && { client_connection_check_interval: '1s' }),

    // --- the same everywhere -------------------------------------------------------------------------
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',

    // --- the log -------------------------------------------------------------------------------------
    // Errors of statements are not logged: their client gets them, and they would fill the log with users'
    // data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
  }
}

export interface Machine {
  /** Bytes. */
  readonly memory: number
  readonly processors: number
}

/** In a container, the memory limit of the container. */
function thisMachine(): Machine {
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return { memory: Math.min(totalmem(), allowed), processors: availableParallelism() }
}
