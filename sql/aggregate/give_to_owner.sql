ALTER FUNCTION {follow}() OWNER TO {owner};
ALTER FUNCTION {amend}() OWNER TO {owner};
ALTER VIEW {view} OWNER TO {owner}
