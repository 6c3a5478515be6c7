CREATE {unlogged} TABLE {marks} (
  xid       bigint NOT NULL,
  epoch     bigint NOT NULL,
  filenode  bigint NOT NULL
);
ALTER TABLE {marks} REPLICA IDENTITY FULL;

CREATE SEQUENCE {epochs}
