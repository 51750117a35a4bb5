"""One file a step, numbered; a released step never changes (P9)."""
