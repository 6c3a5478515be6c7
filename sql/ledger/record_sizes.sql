-- Records the sizes of sources that are staged completely ($2): their bytes as stored or sent ($3, if not known before), and the ends
-- of their texts.
WITH recorded AS (
  UPDATE dasy.sources AS s
     SET bytes = coalesce(s.bytes, staged.bytes),
         text_bytes = coalesce(
           (SELECT max(g.end_byte) FROM dasy.ranges AS g WHERE g.run = s.run AND g.source = s.ordinal),
           s.first_byte)
    FROM unnest($2::integer[], $3::bigint[]) AS staged (source, bytes)
   WHERE s.run = $1
     AND s.ordinal = staged.source
  RETURNING s.bytes
)
SELECT coalesce(sum(bytes), 0)::bigint AS bytes
  FROM recorded
