/** Types of PostgreSQL and of users, with values that differ from each other: what has to come back exactly as it was. */

export const USER_TYPES = `
  CREATE EXTENSION IF NOT EXISTS citext;
  CREATE EXTENSION IF NOT EXISTS hstore;
  CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy, very');
  CREATE TYPE pair AS (a integer, b text);
  CREATE TYPE nested AS (p pair, list text[]);
  CREATE DOMAIN short AS text CHECK (length(value) < 50);
  CREATE DOMAIN pairs AS pair[];
  CREATE DOMAIN named AS pair CHECK ((value).a > 0);
  CREATE DOMAIN mood_domain AS mood;
  CREATE DOMAIN years AS int4range;
  CREATE TYPE float_range AS RANGE (subtype = float8);
  CREATE SCHEMA "other schema";
  CREATE TYPE "other schema"."odd type" AS ENUM ('x', 'X');`

/** A type, and values of it as expressions in SQL. */
export const TYPES: readonly (readonly [string, readonly string[]])[] = [
  ['text', ["''", "'NULL'", 'E\'a\\nb\\t"c",\\\\d\'', "'{}'", "'\u00e4\u{1f600}'", "repeat('long ', 3000)"]],
  ['varchar', ["''", "' x '"]],
  ['varchar(5)', ["'a    '", "'abcde'"]],
  ['char(5)', ["'a'", "'b '"]],
  ['bpchar', ["'a  '", "'a'"]],
  ['"char"', ["'a'", "''", "E'\\\\'"]],
  ['name', ["'some name'", "''"]],
  ['citext', ["'a'", "'A'"]],
  ['short', ["'x'", "''"]],
  ['boolean', ['true', 'false']],
  ['smallint', ['-32768', '32767']],
  ['integer', ['-2147483648', '0']],
  ['bigint', ['-9223372036854775808', '9223372036854775807']],
  [
    'numeric',
    ['1', '1.0', '1.00', "'NaN'", "'Infinity'", "'-Infinity'", '1e-100', '123456789012345678901234567890.5'],
  ],
  ['numeric(10,2)', ['1', '-0.01']],
  ['real', ["'-0'", '0', '1e-45', "'NaN'", '3.4028235e38', "'-Infinity'", '0.1']],
  [
    'double precision',
    ["'-0'", '0', '5e-324', "'NaN'", '1.7976931348623157e308', "'Infinity'", '0.1::float8 + 0.2'],
  ],
  ['money', ["'-12.34'", "'1234567.89'"]],
  ['date', ["'0044-03-15 BC'", "'infinity'", "'-infinity'", "'5874897-12-31'"]],
  ['time', ["'24:00'", "'00:00:00.000001'"]],
  ['time with time zone', ["'12:00+05:30'", "'12:00-15:59:59'"]],
  ['timestamp', ["'infinity'", "'0001-01-01 00:00 BC'", "'2026-01-02 03:04:05.678901'"]],
  ['timestamp(0)', ["'2026-01-02 03:04:05'", "'-infinity'"]],
  ['timestamp with time zone', ["'2026-10-25 02:30+02'", "'2026-10-25 02:30+01'", "'infinity'"]],
  ['interval', ["'-1 year -2 mons +3 days -04:05:06.789'", "'1 day'", "'24 hours'", "'1 mon'", "'30 days'"]],
  ['interval day to second(2)', ["'3 days 04:05:06.78'", "'0'"]],
  ['uuid', ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'"]],
  ['bytea', ["'\\x'", "'\\x00ff5c27'", "decode(repeat('ab', 5000), 'hex')"]],
  ['json', ['\'{"b": 1,  "a": 1, "a": 2}\'', "'null'", "' 1.0'", '\'"\\ud83d\\ude00"\'']],
  ['jsonb', ['\'{"b": 1.00, "a": "x"}\'', "'null'", "'[1.0, 1]'"]],
  ['jsonpath', ["'$.a[*] ? (@ > 1)'", "'strict $'"]],
  ['xml', ['\'<a b="c">d</a>\'', "'just text'"]],
  ['inet', ["'1.2.3.4'", "'1.2.3.4/8'", "'::1'"]],
  ['cidr', ["'10.0.0.0/8'", "'::/0'"]],
  ['macaddr', ["'08:00:2b:01:02:03'", "'00:00:00:00:00:00'"]],
  ['macaddr8', ["'08:00:2b:01:02:03:04:05'", "'00:00:00:00:00:00:00:00'"]],
  ['bit(5)', ["B'10101'", "B'00000'"]],
  ['bit varying', ["B''", "B'1'"]],
  ['point', ["'(1,-0)'", "'(NaN,Infinity)'"]],
  ['line', ["'{1,2,3}'", "'{0,1,0}'"]],
  ['lseg', ["'[(0,0),(1,1)]'", "'[(1,1),(0,0)]'"]],
  ['box', ["'(2,2),(1,1)'", "'(0,0),(0,0)'"]],
  ['path', ["'((0,0),(1,1))'", "'[(0,0),(1,1)]'"]],
  ['polygon', ["'((0,0),(1,1),(2,0))'", "'((0,0))'"]],
  ['circle', ["'<(1,2),3>'", "'<(0,0),0>'"]],
  ['tsvector', ["to_tsvector('simple', 'a fat cat''s')", "''"]],
  ['tsquery', ["'a & !b:*'", "'a <-> b'"]],
  ['oid', ['4294967295', '0']],
  ['regclass', ["'pg_class'", "'dasy.runs'", "'0'"]],
  ['regtype', ["'pair'", "'integer'"]],
  ['regproc', ["'now'", "'pg_sleep'"]],
  ['xid', ["'4294967295'", "'3'"]],
  ['xid8', ["'18446744073709551615'", "'3'"]],
  ['tid', ["'(0,1)'", "'(4294967295,65535)'"]],
  ['pg_lsn', ["'FFFFFFFF/FFFFFFFF'", "'0/0'"]],
  ['pg_snapshot', ["'10:20:10,14,15'", "'1:1:'"]],
  ['int2vector', ["'1 2 3'", "''"]],
  ['oidvector', ["'1 2 3'", "''"]],
  ['integer[]', ["'{}'", "'{1,NULL,3}'", "'[-1:1]={1,2,3}'", "'{{1,2},{3,4}}'"]],
  ['text[]', ["ARRAY['NULL', NULL, '', 'a,b', '\"', '\\\\', '{}']", "'{}'"]],
  ['numeric[]', ["'{1.0,1.00,NaN}'", "'{}'"]],
  ['bytea[]', ["ARRAY['\\x00'::bytea, NULL]", "'{}'"]],
  ['mood[]', ["ARRAY['it''s \"ok\"', NULL]::mood[]", "'{}'"]],
  ['mood', ["'sad'", "'it''s \"ok\"'", "'happy, very'"]],
  ['mood_domain', ["'sad'", "'happy, very'"]],
  ['"other schema"."odd type"', ["'x'", "'X'"]],
  ['pair', ['ROW(1, \'x, "y" \\ ()\')', 'ROW(NULL, NULL)', "ROW(1, '')"]],
  ['nested', ["ROW(ROW(1, 'a')::pair, ARRAY['x,y', NULL])", 'ROW(NULL, NULL)']],
  ['pair[]', ["ARRAY[ROW(1, 'a\"b')::pair, NULL]", "'{}'"]],
  ['pairs', ["ARRAY[ROW(1, '{}')::pair]", "'{}'"]],
  ['named', ['ROW(1, NULL)::pair', "ROW(2, 'b')::pair"]],
  ['int4range', ["'[1,5)'", "'empty'", "'(,)'"]],
  ['numrange', ["'[1.0,2.00]'", "'[1,2]'"]],
  ['tstzrange', ["'[2026-01-01 00:00+01,infinity)'", "'empty'"]],
  ['float_range', ["'[-0,0.1]'", "'(,1e300)'"]],
  ['years', ["'[1,5)'", "'empty'"]],
  ['int4multirange', ["'{[1,3),[5,7)}'", "'{}'"]],
  ['hstore', ['\'a=>1, "b c"=>NULL\'', "''"]],
]
