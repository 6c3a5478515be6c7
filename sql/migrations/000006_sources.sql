-- Sources that are not files, and several in a run.

-- encoding, dialect, columns: how the source is read, for a run that is gone on with when the source is gone.
-- text_bytes: where its text ends, once that is known; bytes is what is stored or sent, which may be compressed.
ALTER TABLE dasy.sources
  ADD COLUMN encoding text,
  ADD COLUMN dialect jsonb,
  ADD COLUMN columns text[],
  ADD COLUMN text_bytes bigint;

-- Where the records of the range begin, if its source cannot be read again (see lib/load/places.ts).
ALTER TABLE dasy.ranges
  ADD COLUMN places bytea;

-- Of stopped runs of earlier versions nobody knows how their sources are read.
UPDATE dasy.runs
   SET state = 'ended',
       outcome = coalesce(outcome, 'interrupted')
 WHERE state <> 'ended';
