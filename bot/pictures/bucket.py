"""Photos' bytes in an S3 bucket, or in whatever speaks its language."""

from urllib.parse import urlsplit

from obstore import exceptions
from obstore.store import S3Store

from bot.pictures.photo_store import checked, place


class Bucket:
    """An S3 bucket; its keys come from the environment or the machine's role, as is usual there."""

    def __init__(self, url: str, endpoint: str = "") -> None:
        parts = urlsplit(url)
        self._prefix = parts.path.strip("/")
        loopback = endpoint.startswith("http://")
        if endpoint:
            self._store = S3Store(
                parts.netloc,
                endpoint=endpoint,
                virtual_hosted_style_request=False,
                client_options={"allow_http": loopback},
            )
        else:
            self._store = S3Store(parts.netloc)

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    async def put(self, data: bytes, mime: str) -> tuple[str, str]:
        """Upload them; an object is there as a whole or not at all."""
        path, digest = place(data, mime)
        await self.keep(data, path)
        return path, digest

    async def keep(self, data: bytes, path: str) -> None:
        """The same under a path that is known."""
        try:
            await self._store.put_async(self._key(checked(path)), data)
        except exceptions.BaseError as error:
            raise OSError(f"the photo store refuses: {type(error).__name__}") from error

    async def get(self, path: str) -> bytes:
        """The bytes; OSError."""
        try:
            answer = await self._store.get_async(self._key(checked(path)))
            return bytes(await answer.bytes_async())
        except FileNotFoundError:
            raise
        except exceptions.BaseError as error:
            raise OSError(f"the photo store refuses: {type(error).__name__}") from error

    async def delete(self, path: str) -> None:
        """Forget them."""
        try:
            await self._store.delete_async(self._key(checked(path)))
        except FileNotFoundError:
            return
        except exceptions.BaseError as error:
            raise OSError(f"the photo store refuses: {type(error).__name__}") from error

    async def check(self) -> None:
        """Put an object and remove it; OSError."""
        try:
            await self._store.put_async(self._key("check"), b"doorstep")
            await self._store.delete_async(self._key("check"))
        except exceptions.BaseError as error:
            raise OSError(f"the photo store refuses: {type(error).__name__}") from error
