"""Between the database and the providers: receiving, fetching, delivery, the HTTP side, and what
paces them."""
