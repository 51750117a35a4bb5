"""The client companies' main lines, one a file, as rows."""
