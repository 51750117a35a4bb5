"""The day's manifest: the file that a program sends is read into rows, and the rows become jobs."""
