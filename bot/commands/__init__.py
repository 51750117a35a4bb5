"""The command line: one noun a file, one sentence an error."""
