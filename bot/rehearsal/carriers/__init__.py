"""Strict simulated carriers on the loopback: Telegram's Bot API, Twilio, and a mail server."""
