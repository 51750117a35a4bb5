"""`serve` and `rehearse`: the bot itself; without a command whatever is configured."""

from bot.commands.output import note
from bot.settings import Settings, load_settings, misspelt


def serve() -> None:
    """Run the bot: channels, reminders, delivery, desk."""
    from bot import app  # noqa: PLC0415 - other commands need none of it

    for doubt in misspelt():
        note(doubt)
    app.serve()


def rehearse() -> None:
    """Play a day with simulated phones in the browser; needs no account."""
    from bot import app  # noqa: PLC0415

    app.rehearse()


def whatever_is_configured() -> None:
    """Serve if any channel is set up, else rehearse and say so."""
    if is_configured(load_settings()):
        serve()
        return
    for doubt in misspelt():
        note(doubt)
    note("Nothing is configured yet, so this is the rehearsal: simulated phones, sample jobs.")
    note("For real work copy .env.example to .env, fill it, and start again.")
    rehearse()


def is_configured(settings: Settings) -> bool:
    """Whether any wire to the outside is set."""
    return settings.telegram_on or settings.twilio_on or bool(settings.smtp_url.get_secret_value())
