-- Records the sizes of a source that is staged completely: its bytes as stored or sent ($3, if not known before), and the end
-- of its text.
UPDATE dasy.sources AS s
   SET bytes = coalesce(s.bytes, $3),
       text_bytes = coalesce(
         (SELECT max(g.end_byte) FROM dasy.ranges AS g WHERE g.run = s.run AND g.source = s.ordinal),
         s.first_byte)
 WHERE s.run = $1
   AND s.ordinal = $2
RETURNING bytes
