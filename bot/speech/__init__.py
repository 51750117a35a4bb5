"""From what a turn wants said to the text that leaves: sentences filled, cut and folded for the
phone that reads it."""
