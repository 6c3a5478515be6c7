DELETE FROM {marks}
