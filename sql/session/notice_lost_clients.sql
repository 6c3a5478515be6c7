-- A backend whose client is gone must not work on, and hold its locks, for minutes: it looks for the client every
-- second while it works. (Where the server's system cannot do this, an error says so.)
SET client_connection_check_interval = '1s'
