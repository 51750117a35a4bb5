"""The hands of Doorstep: channels, delivery, reminders, desk, rehearsal and the command line."""
