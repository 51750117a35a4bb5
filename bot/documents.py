"""JSON where it is read and written by the thousand: five times as fast as the standard library's.

What that codec does not take (halves of surrogate pairs) the standard one does: the same documents.
"""

import json
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from flows.documents import compact


def read(document: str) -> Any:
    """What a document says; ValueError where it is none."""
    try:
        return from_json(document)
    except ValueError:
        return json.loads(document)


def write(value: Any) -> str:
    """The document as text, without spaces."""
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, ValueError):
        return compact(value)
