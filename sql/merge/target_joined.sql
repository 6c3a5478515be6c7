{target} AS t ON {same_key}
