-- A backend whose client is gone must not continue and keep its locks for minutes, so it checks the connection every second
-- while it runs a statement. (An error if the server's system does not support this.)
SET client_connection_check_interval = '1s'
