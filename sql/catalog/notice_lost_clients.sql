-- A backend whose client is gone must not work on, and hold its locks, for minutes or hours: it looks for the
-- client every second while it works, and asks a silent network every ten. (Where the server's system cannot do
-- this, an error says so.)
SET client_connection_check_interval = '1s';
SET tcp_keepalives_idle = 10;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3
