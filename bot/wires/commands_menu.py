"""The command menu that Telegram shows: by role and language."""

from bot.speech.wording import Wording
from flows.texts import languages
from flows.words import COMMANDS
from storage import people
from storage.db import Tx

Menu = list[tuple[str, str, list[tuple[str, str]]]]


def commands_menu(tx: Tx, wording: Wording) -> Menu:
    """(scope, language, [(command, description)]): technicians' words for all, alerts for managers.

    A scope is "private" or a chat id; the language "" stands for every other one.
    """
    menu: Menu = []
    for language in ("", *languages()):
        words = [
            (word.lower(), wording.sentence(f"command.{word.lower()}", language or "en").sms)
            for word in COMMANDS
        ]
        menu.append(("private", language, words))
    alerts = [("alerts", wording.sentence("command.alerts").sms)]
    for person in people.everybody(tx):
        roles = set(person["roles"].split(";"))
        if "technician" in roles or roles == {"operator"}:
            continue
        for address in people.addresses(tx, person["id"]):
            if address["channel"] == "telegram" and address["state"] == "active":
                menu.append((str(address["address"]), "", alerts))
    return menu
