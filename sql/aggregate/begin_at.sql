SELECT setval({epochs_name}::regclass, $1)
