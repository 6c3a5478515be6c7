-- Removes also what a killed run left in it.
DROP SCHEMA dasy CASCADE
