"""What is printed: the manual form, the wallet card, a job's proof packet; and fees, as told."""
