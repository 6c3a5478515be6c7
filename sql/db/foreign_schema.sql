-- Code in the schemas dasy and dasy_queue that belongs to roles that lack some of this role's extraordinary rights (see db/foreign_code):
-- functions that differ from those of the migrations and of graphile-worker (by their hashes), foreign tables, and relations (as oids) to be checked
-- for attached code.
WITH own (schemas) AS (
  SELECT ARRAY(SELECT oid FROM pg_namespace WHERE nspname IN ('dasy', 'dasy_queue'))
),
others (role, name) AS (
  SELECT r.oid, r.rolname
    FROM pg_roles AS r
   WHERE EXISTS (
           SELECT
             FROM pg_roles AS power
            WHERE (power.rolsuper OR power.rolcreaterole OR power.rolbypassrls)
              AND pg_has_role(current_user, power.oid, 'MEMBER')
              AND NOT pg_has_role(r.oid, power.oid, 'MEMBER'))
)
-- follow_1 and amend_1 are exempt: they run with the rights of their owner, and only triggers call them.
SELECT format('the function %s', p.oid::regprocedure) AS what, others.name AS owner, NULL::bigint AS relation
  FROM pg_proc AS p
  JOIN others ON others.role = p.proowner
 WHERE p.pronamespace = ANY ((SELECT schemas FROM own)::oid[])
   -- As the join has it, but before anything else is asked.
   AND p.proowner = ANY (ARRAY(SELECT role FROM others))
   AND CASE
         WHEN p.pronamespace = to_regnamespace('dasy') AND p.proname ~ '^(follow|amend)_[0-9]+$' THEN false
         WHEN p.prokind = 'f' THEN
           encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex') <> ALL (ARRAY[
             'f8324551f974a501692ec24fad0d0a38a78369c7fd16aa07f6d8b548855acad4', -- base_type
             '8d2a0dbcfd72e6b6f8d8d00dda0f571b0c779fb028443e2f6d63ff1110ab4545', -- confirm
             '764bc577b6548a599f7f893c541f324ffb14e70778926ffbb74962f3d2c5eb99', -- distinction
             '4e2efa921ecc18b075a1ef6d22a124c15f588fda400ca9989e2de20d6f1399ec', -- equality
             '545bd0d22aee19f3a8be0dcd6ef69a432032cd799078382ac2c600c9909ff8f6', -- fault
             'bfd078f39ec37e90d1ed1b10646c974af05e1c04a2255dd1545ecbaba18f1183', -- fold_after
             '67278b2a90bc6f075e70480ac967537ee95107c1da12a4cbd4c8f83e62deb615', -- is_trusted
             '865358bdb1b56d29146a5a3809dd4c4c1ee7779a6f40e4924e2096f676c8557b', -- kinds
             '6147437f8f991a24ee7a83b983c6bb887d9b3769eb499e1f2211df563ec32c27', -- mark_end
             '905795114a97e71d7fbd19368074feba102bde45d3d31763170551f873fd5637', -- own_changes
             '4583ee4023fead97c44957592b584fd3e5d72d5cd6c22daacb692bd5f0f3bf6d', -- row_id
             '5f8d04ec404299b583d1a2d5e6f791de95ab3b16b22b2eb7c702d1f26c88d036', -- same_values
             'ecafba0effcfa6f91317ff4a762cf1f1da482086fbddcf196e06769de7d8becc', -- send_soon
             'b7bb4327359ca9baf2ec1ede8f3c3a58cbbc88af907cc66dfd744b8f6e9d4af3', -- settle
             'af2e6a29ffc6605fa3ccac7f3c2f270633854f9d2e8c44f435e3c32014912dc7', -- tell
             '91f5488922fe64c1637e59954516fa0ee1e335a9035399826859101ff7a3581d', -- tell_changes
             '9b6a19e1472ed98de2a21e4c962b121c15edf748c0e01137625e1a04722bcfa4', -- tell_end
             'bd88aba4954ba87bd5d6b5d68251d9fa33f65a25081706ae202a854fe0d92c97', -- tell_given_up
             'ff76146f3102aba2ac9251af3af1f855fbb85ac4e15be8943533bb0ada38b125', -- tell_run
             '5f8161fbece56410c9491c528eda808339b83c73ce83e362fff63152dbf6616b', -- told_name
             'fc5600b0ffa5814328bbe05b9f55811266a465616ba21e80e730110c78c2c22c', -- total_given_up
             '65e0ae31bd6004350888c87a59c0c7c7d3f95e00cdebcecdd0295204c54de1ea', -- total_run
             '40975ac36096a232a2739d557583e62d7cb73463ee00b4a676e7aec9864b40d9', -- wants_changes
             'f4a2c8ab81a3478bedc79f15ae54f18da6c33f001a1167bdca3a5ab6b40813a2', -- write_carefully
             '81fe7631b957edd7dacfc4db864844f66e6a6d1f31fa4a032f35afc7f79d22a1', -- write_rows
             'c37aa5ff7b6e98174de17b115451549fa83f7b0658e55f58b4a431df9cad7804', -- written_values
             '295f3857cc3d357a6132a0d98ff15f34978255b88a2e4df9149b83f5c74dea2f', -- add_job of graphile-worker 0.17.3
             '0b3c5445851c7371f99d8dfd0ffb0119651301151ca0b3f98f89d1a402cacb5a', -- add_jobs of graphile-worker 0.17.3
             '6fa1378df631b9e8f2402f6a855465e6f3cc6c462ae25436bf8cdfe6e121ddbd', -- complete_jobs of graphile-worker 0.17.3
             '86e0454512ed35d7d8909271882bf77432d1dc54f6462032720b1ce487512635', -- force_unlock_workers of graphile-worker 0.17.3
             'a145c8345d166ae6de97669f7c7f50b94e9034b13255708877c049312ef61b18', -- permanently_fail_jobs of graphile-worker 0.17.3
             'a38c4a41ebb5c8d5eb0282c3d96c3e6a00cd02caf314175a6d39d0af8621efc2', -- remove_job of graphile-worker 0.17.3
             '626f46793ec0d427018424a99914ddce3b1f8e06fd63796be51e3d4326424f01' -- reschedule_jobs of graphile-worker 0.17.3
           ])
         ELSE true
       END
 UNION ALL
SELECT format('the foreign table "%s"', c.relname), others.name, NULL
  FROM pg_class AS c
  JOIN others ON others.role = c.relowner
 WHERE c.relnamespace = ANY ((SELECT schemas FROM own)::oid[])
   AND c.relkind = 'f'
 UNION ALL
SELECT NULL, NULL, c.oid
  FROM pg_class AS c
 WHERE c.relnamespace = ANY ((SELECT schemas FROM own)::oid[])
   AND c.relkind IN ('r', 'p', 'v', 'm')
   -- The view of graphile-worker, which nobody here reads.
   AND NOT (c.relnamespace = to_regnamespace('dasy_queue') AND c.relkind = 'v' AND c.relname = 'jobs')
   AND (c.relowner IN (SELECT role FROM others)
        OR EXISTS (
             SELECT
               FROM pg_trigger AS g
               JOIN pg_proc AS p ON p.oid = g.tgfoid
              WHERE g.tgrelid = c.oid
                AND p.proowner IN (SELECT role FROM others)))
