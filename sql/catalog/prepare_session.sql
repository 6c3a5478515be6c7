-- A session that waits for the workers is not idle. TCP keepalives every ten seconds end the session of a lost client
-- within a minute, with its locks.
SET idle_session_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET tcp_keepalives_idle = 10;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3
