"""What is printed: the manual form, the wallet card, a job's proof packet, and the links to them."""
