ALTER TABLE {target}
  DISABLE TRIGGER {on_begin},
  DISABLE TRIGGER {on_insert},
  DISABLE TRIGGER {on_update},
  DISABLE TRIGGER {on_delete},
  DISABLE TRIGGER {on_truncate}
