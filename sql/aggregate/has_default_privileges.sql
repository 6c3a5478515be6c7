-- Whether a table that this role makes is to get privileges by itself, which one that is moved does not.
SELECT EXISTS (
         SELECT
           FROM pg_default_acl AS d
          WHERE d.defaclobjtype = 'r'
            AND d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)) AS there
