SELECT set_config('dasy.run', $1, true)
