"""The command menu that Telegram shows: by role and language."""

import asyncio
import logging

from bot.channels.telegram import Telegram
from bot.settings import Settings
from bot.speech.wording import Wording
from bot.wires.commit import commit
from flows.texts import languages
from flows.words import COMMANDS
from storage import people
from storage.db import Tx, Writer

_log = logging.getLogger(__name__)

Menu = list[tuple[str, str, list[tuple[str, str]]]]

_MANAGERS = ("alerts", "today", "desk", "quiet", "menu")
"""What a tap may say for a manager: AWAY is none, it counts at once."""


def commands_menu(tx: Tx, wording: Wording) -> Menu:
    """(scope, language, [(command, description)]): technicians' words for all, and managers' own.

    A scope is "private" or a chat id; the language "" stands for every other one.
    """
    menu: Menu = []
    for language in ("", *languages()):
        words = [
            (word.lower(), wording.sentence(f"command.{word.lower()}", language or "en").sms)
            for word in COMMANDS
        ]
        menu.append(("private", language, words))
    words = [(word, wording.sentence(f"command.managers.{word}").sms) for word in _MANAGERS]
    menu += [(chat, "", words) for chat in people.chats_of_office(tx)]
    return menu


async def introduce(
    telegram: Telegram, writer: Writer, wording: Wording, settings: Settings
) -> None:
    """Tell Telegram where updates go and what the command menu shows; again until it hears."""
    pause = 1.0
    while True:
        try:
            if settings.telegram_mode == "webhook":
                secret = settings.telegram_webhook_secret.get_secret_value()
                url = f"{settings.public_url}/telegram/webhook"
                await telegram.receive_by_webhook(url, secret)
            await telegram.learn_name()
            shown = None
            while True:
                menu = await commit(writer, lambda tx: commands_menu(tx, wording))
                if menu != shown:
                    await telegram.show_commands(menu)
                    shown, pause = menu, 1.0
                await asyncio.sleep(60)
        except Exception as error:
            _log.warning("Telegram's menus: %s", error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 60.0)
