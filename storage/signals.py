"""A word from one process to the others on one PostgreSQL: something may have to leave now."""

from collections.abc import AsyncIterator

import psycopg

from storage.db import StorageDown, Store, Tx

_NAME = "doorstep_outbox"


def ring(tx: Tx) -> None:
    """All that listen hear it once it is committed."""
    tx.run(f"NOTIFY {_NAME}")


async def rings(store: Store) -> AsyncIterator[None]:
    """Once when it listens, then each ring as it comes, also one's own.

    StorageDown where the connection cannot be had, or ends.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(**store.arguments(), autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {_NAME}")
            yield
            async for _ in connection.notifies():
                yield
    except (psycopg.Error, OSError) as error:
        said = str(error).partition("\n")[0]
        raise StorageDown(f"nothing is heard of the other processes ({said})") from error
