"""What the operator does on the command line for the office, a manager or a technician."""
