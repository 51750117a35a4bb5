"""The rehearsal: the same bot with simulated carriers, simulated phones and a clock of its own."""
