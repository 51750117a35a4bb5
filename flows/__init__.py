"""The rules: what a technician does next, as tables; pure, without clock, network or disk."""
