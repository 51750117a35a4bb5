"""One channel's sender: rounds of one transaction each, and the flights between them (P5, P8)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from bot.channels.base import (
    Channel,
    Misconfigured,
    Outgoing,
    Picture,
    Refused,
    SendError,
    Sent,
    TryLater,
    UnknownOutcome,
)
from bot.clock import Clock, real_now, to_datetime
from bot.pictures import images
from bot.wires.circuit import Circuit
from bot.wires.commit import commit
from bot.wires.limits import DAY, Budget, Pace
from bot.wires.outcomes import (
    Door,
    Outcome,
    Work,
    backoff,
    give_up,
    settle,
    tell_once,
    vet,
)
from flows.facts import Instant
from storage import dispatch, photos
from storage.causes import caused_by
from storage.db import Row, StorageBroken, StorageError, Store, Tx, Writer

_log = logging.getLogger(__name__)
ROUND = 1.0
"""Real seconds after which a loop looks by itself, also for leases that ran out."""
GRACE: Instant = 5_000  # real time by which a lease outlasts its channel's patience
LAST_MOMENT = 5.0
"""Real seconds for what is under way when the sender is stopped."""
_LONGEST_HOLD = 15.0
"""Real seconds that a claimed row may wait for its chat's own limit."""


@dataclass(slots=True)
class _Round:
    """What one transaction brought: rows to send, and rows that need no sending."""

    works: list[Work] = field(default_factory=list)
    ready: list[Outcome] = field(default_factory=list)

    @property
    def claimed(self) -> int:
        """How many rows were taken."""
        return len(self.works) + len(self.ready)


class Sender:
    """One channel's loop; see `Delivery` for what it is given."""

    def __init__(  # noqa: PLR0913, PLR0917 - built in one place
        self,
        store: Store,
        writer: Writer,
        door: Door,
        clock: Clock,
        channel: Channel,
        read: Callable[[str], Awaitable[bytes]],
        pace: Pace,
        budget: Budget | None,
    ) -> None:
        self._store, self._writer, self._door, self._clock = store, writer, door, clock
        self._channel, self._read, self._pace, self._budget = channel, read, pace, budget
        self._lease: Instant = round(channel.patience * 1000) + GRACE
        self._circuit = Circuit()
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._outcomes: list[Outcome] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._look_for_leases = 0.0
        self._users = 0
        self._leads = self._stopping = self._counted = False
        self._task: asyncio.Task[None] | None = None
        self.awake = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The loop runs as long as somebody is in here."""
        self._users += 1
        if self._task is None:
            self._stopping = self._counted = False
            name = f"delivery {self._channel.name}"
            self._task = asyncio.create_task(self._serve(), name=name)
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                task, self._task = self._task, None
                await self._stop(task)

    @property
    def channel(self) -> str:
        """The channel's name."""
        return self._channel.name

    @property
    def leads(self) -> bool:
        """Whether this process is the one that sends."""
        return self._leads

    async def lead(self) -> None:
        """Take rows out and send them until cancelled; what is in the air then lands all the same.

        Nothing is believed of an earlier time: what left meanwhile is counted, a circuit is closed.
        """
        self._circuit, self._counted, self._leads = Circuit(), False, True
        self.awake.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._leads = False

    async def ended(self) -> None:
        """Wait for the loop's end, which only an error brings."""
        assert self._task is not None
        await asyncio.shield(self._task)

    async def nothing_due(self) -> None:
        """Wait until a round that began after this call found nothing to do."""
        task = self._task
        assert task is not None
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.awake.set()
        await asyncio.wait({future, task}, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            await task

    async def _stop(self, task: asyncio.Task[None]) -> None:
        """End between two rounds, so that nothing is claimed and forgotten."""
        self._stopping = True
        self.awake.set()
        with suppress(StorageError):
            await task
        if self._flying:
            _, late = await asyncio.wait(self._flying.values(), timeout=LAST_MOMENT)
            for flight in late:
                flight.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with suppress(StorageError):
            await self._exchange(0, look=False)

    async def _serve(self) -> None:
        while not self._stopping:
            self.awake.clear()
            try:
                pause = await self._round()
            except StorageBroken:
                raise
            except StorageError as error:
                _log.warning("%s: %s; trying again", self._channel.name, error)
                pause = ROUND
            if pause and not self._stopping:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self.awake.wait()

    async def _round(self) -> float:
        """One transaction and what it starts; seconds until the next is worth while."""
        waiting = self._waiting[:]
        claims = not self._stopping and bool(self._leads or waiting)
        if claims:
            await self._know_budget()
        room = self._room() if claims else 0
        found = await self._exchange(room, look=claims and monotonic() >= self._look_for_leases)
        self._outcomes += found.ready
        for work in found.works:
            self._launch(work)
        by_pace = claims and not room and self._room_aloft() > 0
        if not (found.claimed or self._flying or self._outcomes or by_pace):
            for future in waiting:
                self._waiting.remove(future)
                if not future.done():
                    future.set_result(None)
        if found.ready:
            return 0.0
        if by_pace or (room and found.claimed == room):
            return self._pace.wait if self._room_aloft() > 0 else ROUND
        return ROUND

    async def _exchange(self, room: int, *, look: bool) -> _Round:
        """Hand in the outcomes, take out rows."""
        outcomes = self._outcomes[:]
        if not (outcomes or room or look):
            return _Round()
        try:
            found = await commit(self._writer, partial(self._transact, outcomes, room, look=look))
        except StorageError:
            raise
        except Exception:
            _log.exception("%s: a row cannot be recorded or read", self._channel.name)
            found = await self._one_by_one(outcomes, room)
        del self._outcomes[: len(outcomes)]
        if look:
            self._look_for_leases = monotonic() + ROUND
        return found

    async def _know_budget(self) -> None:
        """Count what left before, here or in another process, of which this one takes over."""
        if self._budget is not None and not self._counted:
            self._budget.load(await asyncio.to_thread(self._sent_lately))
            self._counted = True

    def _room_aloft(self) -> int:
        """How many more may be under way."""
        return self._circuit.room(self._clock.now()) - len(self._flying)

    def _room(self) -> int:
        return max(0, min(self._room_aloft(), self._pace.room))

    async def _one_by_one(self, outcomes: Sequence[Outcome], room: int) -> _Round:
        """A row that cannot be recorded, or read, harms itself only (P10)."""
        for outcome in outcomes:
            await self._alone(outcome.row, partial(self._transact, [outcome], 0, look=False))
        if not room:
            return _Round()
        rows = await commit(self._writer, partial(self._claim, 1))
        for row in rows:
            return await self._alone(row, partial(self._vet, [row]))
        return _Round()

    async def _alone(self, row: Row, work: Callable[[Tx], _Round]) -> _Round:
        try:
            return await commit(self._writer, work)
        except StorageError:
            raise
        except Exception as error:
            _log.exception("outbox row %s failed", row["id"])
            said = f"cannot be handled: {type(error).__name__}"
            now = self._clock.now()
            await commit(self._writer, lambda tx: give_up(tx, row, said, now))
            return _Round()

    def _transact(self, outcomes: Sequence[Outcome], room: int, tx: Tx, *, look: bool) -> _Round:
        now = self._clock.now()
        for outcome in outcomes:
            settle(tx, self._door, outcome, now)
        if look:
            for row in dispatch.expired(tx, self._channel.name, real_now()):
                if row["id"] in self._flying:
                    continue  # ours, and the machine slept meanwhile
                error = UnknownOutcome("the sender ended before it could say")
                settle(tx, self._door, Outcome(row, error=error), now)
            if self._circuit.lasts(now) and self._door.channel_is_down(tx, self._channel.name):
                tell_once(tx, self._door, self._channel.name, "outage", now)
        return self._vet(self._claim(room, tx), tx) if room else _Round()

    def _claim(self, room: int, tx: Tx) -> list[Row]:
        now, name = self._clock.now(), self._channel.name
        spent, closed = False, list[str]()
        if self._budget is not None:
            spent, closed = self._budget.spent(now), self._budget.too_many_to(now)
            if spent:
                tell_once(tx, self._door, name, "limit", now)
            if closed:
                tell_once(tx, self._door, name, "number_limit", now)
        return dispatch.claim(
            tx,
            name,
            now=now,
            lease_until=real_now() + self._lease,
            limit=room,
            only_alerts=spent,
            closed=closed,
        )

    def _vet(self, rows: Sequence[Row], tx: Tx) -> _Round:
        found = _Round()
        for row in rows:
            verdict = vet(tx, row, self._clock.now())
            if isinstance(verdict, Outcome):
                found.ready.append(verdict)
            else:
                found.works.append(_with_photos(tx, verdict))
        return found

    def _launch(self, work: Work) -> None:
        self._pace.take(self._pace.cost(work.payload))
        at = self._clock.now()
        if self._budget is not None:
            self._budget.count(at, work.row["address"])
        row: int = work.row["id"]
        self._flying[row] = asyncio.create_task(self._fly(work, at))
        self._flying[row].add_done_callback(lambda _: self._flying.pop(row))

    async def _fly(self, work: Work, at: Instant) -> None:
        """One attempt, whatever comes of it; what surely did not leave is not counted."""
        with caused_by(work.row["cause"]):
            outcome = await self._outcome(work)
        if self._budget is not None and isinstance(outcome.error, TryLater | Misconfigured):
            self._budget.take_back(at, work.row["address"])
        self._outcomes.append(outcome)
        self.awake.set()

    async def _outcome(self, work: Work) -> Outcome:
        row = work.row
        try:
            outcome = await self._attempt(work)
            self._circuit.note(outcome.error, self._clock.now())
            if outcome.sent is not None:
                sent = f"{row['channel']}/{outcome.sent.provider_id}"
                told = {"outbox": [row["id"]], "sent": sent}
                _log.info("outbox=%s sent=%s", row["id"], sent, extra=told)
        except SendError as error:
            outcome = self._failed(row, error)
        except TimeoutError:
            outcome = self._failed(row, UnknownOutcome("no answer in time"))
        except Exception as bug:
            _log.exception("%s: outbox row %s cannot be sent", self._channel.name, row["id"])
            outcome = Outcome(row, error=Refused("other", type(bug).__name__))
        return outcome

    def _failed(self, row: Row, error: SendError) -> Outcome:
        now = self._clock.now()
        self._circuit.note(error, now)
        retry_at = now + backoff(row["attempts"])
        if isinstance(error, TryLater) and error.after is not None:
            self._pace.told_to_wait(row["address"], error.after)
            retry_at = now + round(error.after * 1000)
        _log.info(
            "outbox=%s %s: %s", row["id"], self._channel.name, error, extra={"outbox": [row["id"]]}
        )
        return Outcome(row, error=error, retry_at=max(retry_at, self._circuit.closed_until))

    async def _attempt(self, work: Work) -> Outcome:
        row = work.row
        hold = self._pace.take_for(row["address"])
        if hold > _LONGEST_HOLD:
            later = self._clock.now() + round(hold * 1000)
            return Outcome(row, error=TryLater("the provider asked to wait"), retry_at=later)
        await asyncio.sleep(hold)
        async with asyncio.timeout(self._channel.patience - hold):
            message = await self._message(work)
            if work.look_up:
                left = await self._channel.find(message, row["claimed_at"] or 0)
                if left is not None:
                    return Outcome(row, sent=Sent(left.provider_id, "found by looking it up"))
                if not work.may_send and row["kind"] == "money":
                    raise Refused("other", "it had not left; a person decides")
                if not work.may_send:
                    return Outcome(row, dropped="it had not left, and is wanted no more")
            if real_now() >= row["lease_until"]:  # we were away: another may be sending it
                raise TryLater("its lease ended before it could leave")
            return Outcome(row, sent=await self._channel.send(message))

    async def _message(self, work: Work) -> Outgoing:
        """The row with its pictures, as copies that may leave."""
        pictures, missing = [], work.photos_missing
        for place, path in enumerate(work.photos, 1):
            try:
                data = await images.copy_for_sending(await self._read(path))
                pictures.append(Picture(f"photo-{place}.jpg", data))
            except (images.PictureError, OSError) as error:
                _log.warning("row %s: a photo is left out: %s", work.row["id"], error)
                missing += 1
        payload = dict(work.payload)
        if missing and self._channel.name == "email":
            total = len(work.photos) + work.photos_missing
            payload["text"] += f"\n\n({missing} of {total} photos cannot be attached.)\n"
        row, at = work.row, to_datetime(self._clock.now())
        return Outgoing(
            row["id"], row["address"], row["kind"], payload, at, pictures, work.siblings
        )

    def _sent_lately(self) -> list[tuple[Instant, str]]:
        with self._store.reading() as tx:
            return dispatch.sent_lately(tx, self._channel.name, self._clock.now() - DAY)


def _with_photos(tx: Tx, work: Work) -> Work:
    """Where the photos lie that a row names."""
    payload = work.payload
    wanted = [payload["photo"]] if "photo" in payload else list(payload.get("photos", ()))
    if not wanted:
        return work
    rows = [photos.get(tx, photo) for photo in wanted]
    paths = tuple(row["path"] for row in rows if row is not None and row["path"])
    return Work(
        work.row,
        payload,
        work.look_up,
        work.may_send,
        work.siblings,
        paths,
        len(wanted) - len(paths),
    )
