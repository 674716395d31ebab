"""The commands, one file each: options, one call, one print, one exit code. Errors become exit codes in ``main`` only."""
