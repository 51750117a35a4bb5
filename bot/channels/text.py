"""Makes text from outside fit for the database and for logs, whatever the sender put into it."""


def clean(text: object, limit: int = 10_000) -> str:
    """A string without NUL and lone surrogates, which no database takes; "" for anything else."""
    if not isinstance(text, str):
        return ""
    return text[:limit].encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
