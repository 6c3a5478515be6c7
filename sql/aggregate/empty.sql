DELETE FROM {aggregate}
