"""What time sets off: due timers, and pushing a movable clock through all that comes due."""
