"""The Bot API methods that describe the bot itself: commands, name, texts, menu button."""

import re

from bot.rehearsal.carriers.telegram_calls import Json, Params, Refusal, bad_request
from bot.rehearsal.carriers.telegram_files import as_json
from bot.rehearsal.carriers.telegram_sending import Method, known, knows
from bot.rehearsal.carriers.telegram_world import World

SCOPES = knows(
    "default all_private_chats all_group_chats all_chat_administrators "
    "chat chat_administrators chat_member"
)
# Text of the bot → longest length in characters.
TEXTS = {"name": 64, "description": 512, "short_description": 120}


class Settings:
    """setMyCommands and its kin; kept per scope and language."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[str, Json] = {}

    def methods(self) -> dict[str, Method]:
        """Name → (known parameters, handler)."""
        scope = "scope language_code"
        return {
            "getMe": (knows(""), self.get_me),
            "setMyCommands": (knows(f"commands {scope}"), self.set_commands),
            "getMyCommands": (knows(scope), self.get_commands),
            "deleteMyCommands": (knows(scope), self.delete_commands),
            "setMyName": (knows("name language_code"), self.set_name),
            "getMyName": (knows("language_code"), self.get_name),
            "setMyDescription": (knows("description language_code"), self.set_description),
            "getMyDescription": (knows("language_code"), self.get_description),
            "setMyShortDescription": (
                knows("short_description language_code"),
                self.set_short_description,
            ),
            "getMyShortDescription": (knows("language_code"), self.get_short_description),
            "setChatMenuButton": (knows("chat_id menu_button"), self.set_menu_button),
            "getChatMenuButton": (knows("chat_id"), self.get_menu_button),
        }

    async def get_me(self, p: Params) -> Json:
        """The bot's own account."""
        return self.world.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    async def set_commands(self, p: Params) -> bool:
        """Replace the list of commands of a scope and language."""
        commands = p.json("commands")
        if not isinstance(commands, list):
            raise bad_request("commands must be an Array")
        if len(commands) > 100:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", "")).lstrip("/")):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._key(p)] = commands
        return True

    async def get_commands(self, p: Params) -> list[Json]:
        """The list of exactly this scope and language."""
        return self.commands.get(self._key(p), [])

    async def delete_commands(self, p: Params) -> bool:
        """Forget the list of this scope and language."""
        self.commands.pop(self._key(p), None)
        return True

    async def set_name(self, p: Params) -> bool:
        """The bot's name in a language."""
        return self._set_text(p, "name")

    async def get_name(self, p: Params) -> Json:
        """The bot's name in a language."""
        name = self.texts.get(("name", p.text("language_code")))
        return {"name": name or self.world.bot["first_name"]}

    async def set_description(self, p: Params) -> bool:
        """What an empty chat shows."""
        return self._set_text(p, "description")

    async def get_description(self, p: Params) -> Json:
        """What an empty chat shows."""
        return {"description": self.texts.get(("description", p.text("language_code")), "")}

    async def set_short_description(self, p: Params) -> bool:
        """What the profile shows."""
        return self._set_text(p, "short_description")

    async def get_short_description(self, p: Params) -> Json:
        """What the profile shows."""
        kind = "short_description"
        return {kind: self.texts.get((kind, p.text("language_code")), "")}

    async def set_menu_button(self, p: Params) -> bool:
        """The button beside the input field, of one chat or of all."""
        chat = p.text("chat_id")
        if chat:
            known(self.world, chat)
        button = p.json("menu_button") or {"type": "default"}
        if button.get("type") not in ("default", "commands", "web_app"):
            raise bad_request("unsupported menu button type")
        self.menu_buttons[chat] = button
        return True

    async def get_menu_button(self, p: Params) -> Json:
        """The button beside the input field."""
        default = self.menu_buttons.get("", {"type": "commands"})
        return self.menu_buttons.get(p.text("chat_id"), default)

    def _set_text(self, p: Params, kind: str) -> bool:
        if len(p.text(kind)) > TEXTS[kind]:
            raise bad_request(f"{kind.replace('_', ' ')} is too long")
        self.texts[(kind, p.text("language_code"))] = p.text(kind)
        return True

    def _key(self, p: Params) -> tuple[str, str]:
        scope = p.json("scope") or {"type": "default"}
        if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
            raise bad_request("unsupported bot command scope type")
        language = p.text("language_code")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise Refusal(400, "Bad Request: LANG_CODE_INVALID")
        if "chat_id" in scope:
            known(self.world, str(scope["chat_id"]))
        return as_json(scope), language
