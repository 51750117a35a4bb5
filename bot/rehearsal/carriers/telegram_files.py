"""Files as Telegram keeps them: photos re-encoded in several sizes, documents byte for byte."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageOps

Json = dict[str, Any]
SIDES = (90, 320, 800, 1280)  # longest side in pixels of each PhotoSize, as the clients make them
DOWNLOAD_LIMIT = 20 << 20  # bytes; getFile refuses more


class NotAPicture(Exception):
    """The bytes are no image that Telegram can process."""


@dataclass(frozen=True)
class StoredFile:
    """One file of the simulated cloud; `path` is getFile's, `about` adds to its facts."""

    file_id: str
    unique_id: str
    content: bytes
    path: str
    about: Json = field(default_factory=dict)

    def facts(self) -> Json:
        """file_id, file_unique_id, file_size and what kind of file adds (width, file_name …)."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
            **self.about,
        }


class FileCabinet:
    """All files that one bot can see, numbered from `start`."""

    def __init__(self, start: int = 1) -> None:
        self._next = start
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def get(self, file_id: str) -> StoredFile | None:
        """The file with this file_id, or None."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file at this file_path, or None."""
        return self._by_path.get(path)

    def keep(self, content: bytes, folder: str, suffix: str, about: Json) -> StoredFile:
        """Keep `content` as it is."""
        number, self._next = self._next, self._next + 1
        stored = StoredFile(
            file_id=f"AgACAgIAAx{number:08d}-{folder}",
            unique_id=f"AQAD{number:08d}",
            content=content,
            path=f"{folder}/file_{number}{suffix}",
            about=about,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def keep_photo(self, content: bytes) -> list[StoredFile]:
        """Re-encode to JPEGs, smallest first, upright, without metadata; NotAPicture otherwise."""
        try:
            with Image.open(io.BytesIO(content)) as opened:
                opened.draft("RGB", (SIDES[-1] * 2, SIDES[-1] * 2))
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise NotAPicture(str(error)) from error
        longest = max(picture.size)
        sides = [side for side in SIDES if side < longest] + [min(longest, SIDES[-1])]
        made = []
        for side in reversed(dict.fromkeys(sides)):  # each from the next larger one
            picture.thumbnail((side, side))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=85)
            made.append((out.getvalue(), {"width": picture.width, "height": picture.height}))
        return [self.keep(data, "photos", ".jpg", about) for data, about in reversed(made)]

    def keep_document(self, content: bytes, filename: str, mime: str) -> StoredFile:
        """Keep a file sent as a file: original bytes, name and type."""
        suffix = f".{filename.rsplit('.', 1)[1]}" if "." in filename else ""
        about = {"file_name": filename, "mime_type": mime}
        return self.keep(content, "documents", suffix, about)


def as_json(value: object) -> str:
    """Canonical JSON, for comparing and for keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
