-- A session that waits for the workers is not idle, and a silent network is asked every ten seconds, so that a client
-- that is gone holds its locks for less than a minute.
SET idle_session_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET tcp_keepalives_idle = 10;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3
