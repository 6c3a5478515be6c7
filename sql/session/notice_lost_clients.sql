-- A backend whose client is gone must not continue and hold its locks for minutes: it checks the client every second
-- while it works. (If the server's system cannot do this, an error says so.)
SET client_connection_check_interval = '1s'
