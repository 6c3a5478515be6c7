-- CASCADE also drops what a killed run left in it.
DROP SCHEMA dasy CASCADE
