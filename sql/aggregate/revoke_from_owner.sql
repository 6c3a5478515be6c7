REVOKE ALL ON {storage}, {marks} FROM {former};
REVOKE ALL ON {epochs} FROM {former}
