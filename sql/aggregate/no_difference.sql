SELECT value, change FROM {storage} LIMIT 0
