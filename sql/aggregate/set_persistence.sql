-- That writes the marks anew, and so the groups are counted anew.
ALTER TABLE {storage} SET {kind};
ALTER TABLE {marks} SET {kind}
