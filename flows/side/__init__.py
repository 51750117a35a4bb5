"""The escalations: one flow a file, called by programs, never nested in them."""
