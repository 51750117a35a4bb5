"""What happens in a turn: the one door, who speaks, what it means, and the rows that follow."""
