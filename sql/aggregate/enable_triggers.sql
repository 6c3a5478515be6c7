ALTER TABLE {target}
  ENABLE TRIGGER {announce},
  ENABLE TRIGGER {on_insert},
  ENABLE TRIGGER {on_update},
  ENABLE TRIGGER {on_delete},
  ENABLE TRIGGER {on_truncate}
