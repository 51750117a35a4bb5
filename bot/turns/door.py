"""The one door: everything that happens comes in here, as one transaction each (P3).

A person's update is stored in the inbox, its person locked, its meaning found, the engine asked and
the effects written: all or nothing, and only then is the provider told that it arrived. Due timers,
photos whose bytes are durable, managers' verdicts and the command line's actions come in the same
way.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot import days
from bot.context import Context
from bot.documents import read
from bot.incoming import Incoming
from bot.pictures.photo_quality import Quality
from bot.turns import enrolment, managers, reaching, roll_call, second_look, signing_in, taking
from bot.turns.alerts import operators, tell_managers, when
from bot.turns.carry_out import carry_out
from bot.turns.reply import Reply, send
from bot.turns.speaking import spoke
from bot.turns.technician import Technician
from flows.effects import Alert, Ask, Say
from flows.events import TimerFired
from flows.facts import Instant
from flows.talk import Talk
from storage import inbox, jobs, people, photos, timers
from storage.causes import caused_by
from storage.db import Row, Tx

PHOTO_WAIT = 20_000
"""A person's later messages wait this long (ms) for a photo that is still coming."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an update: done, duplicate, waiting or ignored."""

    status: str
    toast: str = ""


class Door:
    """The one way through; keeps nothing of its own, so that any process may use it."""

    def __init__(self, context: Context) -> None:
        self.context = context

    # -- people ---------------------------------------------------------------------------------

    def receive(self, tx: Tx, incoming: Incoming) -> Receipt:
        """One update from a provider: stored and applied once (P1, P2)."""
        with caused_by(incoming.cause):
            return self._receive(tx, incoming)

    def _receive(self, tx: Tx, incoming: Incoming) -> Receipt:
        person = people.by_address(tx, incoming.channel, incoming.sender)
        now = incoming.received_at
        if person is None or person["erased_at"] is not None:
            return self._stranger(tx, incoming, now)
        waits = self._has_to_wait(tx, person["id"], incoming, now)
        row = inbox.add(
            tx,
            channel=incoming.channel,
            account=incoming.account,
            key=incoming.key,
            person_id=person["id"],
            received_at=now,
            payload=incoming.payload if not waits else incoming.packed(),
            status="waiting" if waits else "done",
        )
        if row is None:
            return Receipt("duplicate")
        if waits:
            return Receipt("waiting")
        self._apply(tx, person, incoming, row)
        return Receipt("done")

    def release(self, tx: Tx, person_id: int, now: Instant) -> None:
        """Apply what waited for a photo that is here now, was lost, or is taking too long."""
        if self._photo_is_coming(tx, person_id, now):
            return
        for row in inbox.waiting_of(tx, person_id):
            incoming = Incoming.unpacked(row["payload"])
            person = people.by_address(tx, incoming.channel, incoming.sender)
            inbox.set_status(tx, row["id"], "done")
            if person is not None:
                with caused_by(incoming.cause):
                    self._apply(tx, person, incoming, row["id"])
            if self._photo_is_coming(tx, person_id, now):
                break

    def _has_to_wait(self, tx: Tx, person: int, incoming: Incoming, now: Instant) -> bool:
        """Texts and presses wait for a photo sent before them; a photo only for what waits
        already."""
        if incoming.kind not in ("message", "button") or not self._photo_is_coming(tx, person, now):
            return False
        return not incoming.photos or bool(inbox.waiting_of(tx, person))

    def _photo_is_coming(self, tx: Tx, person: int, now: Instant) -> bool:
        announced = photos.last_announced(tx, person)
        return announced is not None and now - announced < PHOTO_WAIT

    def _stranger(self, tx: Tx, incoming: Incoming, now: Instant) -> Receipt:
        if inbox.known(tx, incoming.channel, incoming.account, incoming.key):
            return Receipt("duplicate")
        if enrolment.code_in(incoming):
            # A code may bind the address: keep the update, so that a second delivery finds it done.
            inbox.add(
                tx,
                channel=incoming.channel,
                account=incoming.account,
                key=incoming.key,
                person_id=None,
                received_at=now,
                payload="",
            )
        enrolment.stranger(tx, self.context, incoming, now)
        return Receipt("ignored")

    def _apply(self, tx: Tx, person: Row, incoming: Incoming, row: int) -> None:
        now = incoming.received_at
        if incoming.kind == "blocked":
            reaching.leave(
                tx, self.context, person, incoming.channel, incoming.sender, "blocked", now
            )
            return
        if reaching.obey_carrier_word(tx, self.context, person, incoming, now):
            return
        if person["address_state"] == "opted_out":
            return  # nothing may be sent there, and only START undoes it (S9)
        person = self._reached_by(tx, person, incoming, now)
        if incoming.kind == "unblocked":
            return
        if enrolment.code_in(incoming) is not None:
            self._join_again(tx, person, incoming, now)
        elif incoming.photos:
            self._announce(tx, person, incoming, row)
        elif signing_in.asks_for_desk(incoming, person):
            signing_in.send_link(tx, self.context, person, now)
        elif taking.answers(tx, incoming, person):
            taking.answer(tx, self.context, person, incoming, now)
        elif managers.answers_alert(tx, incoming, person):
            managers.answer(tx, self.context, person, incoming, now)
        else:
            self._technician(tx, person, incoming, now)

    def _technician(self, tx: Tx, person: Row, incoming: Incoming, now: Instant) -> None:
        turn = Technician(tx, self.context, person, now)
        if incoming.kind in ("edited", "unsupported", "contact"):
            turn.say_where(
                {"edited": "edited", "unsupported": "sticker", "contact": "contact_refused"}[
                    incoming.kind
                ]
            )
        elif not people.has_role(person, "technician"):
            managers.says(tx, self.context, person, incoming, now)
            return
        else:
            turn.hear(incoming)
            spoke(turn, incoming.channel, incoming.sent_at)
        turn.finish()

    def _reached_by(self, tx: Tx, person: Row, incoming: Incoming, now: Instant) -> Row:
        """Whichever phone was used last is where the answers go; a working address is active
        again."""
        changes: dict[str, object] = {}
        if person["channel"] != incoming.channel or person["address"] != incoming.sender:
            changes |= {"channel": incoming.channel, "address": incoming.sender}
        if person["address_state"] != "active":
            people.set_address_state(tx, incoming.channel, incoming.sender, "active")
        if changes:
            people.heard_from(tx, person["address_id"], now)
            people.change(tx, person["id"], **changes)
            return dict(person) | changes
        return person

    def _join_again(self, tx: Tx, person: Row, incoming: Incoming, now: Instant) -> None:
        """A code from an address that is somebody's already: their own is fine, another's is
        refused."""
        code = enrolment.code_in(incoming)
        reply = Reply(person)
        if code:
            owner = people.use_invitation(tx, enrolment.hash_of(code), now)
            if owner == person["id"]:
                enrolment.join(tx, self.context, person["id"], incoming, now)
                return
            reply.say("join.taken" if owner else "join.bad")
            if owner:
                people.renew_invitation(tx, enrolment.hash_of(code))
        else:
            turn = Technician(tx, self.context, person, now)
            turn.say_where("where")
            turn.finish()
            return
        send(tx, reply, self.context.wording, now)

    def _announce(self, tx: Tx, person: Row, incoming: Incoming, row: int) -> None:
        """A photo's first half: it is on its way, and that person's later messages wait for it."""
        for index, ref in enumerate(incoming.photos):
            album = incoming.album or (incoming.key if len(incoming.photos) > 1 else "")
            photos.announce(
                tx,
                person_id=person["id"],
                inbox_id=row,
                channel=incoming.channel,
                source=json.dumps(dict(ref.source)),
                album=album,
                mime=ref.mime,
                bytes=ref.size,
                announced_at=incoming.received_at,
                next_try_at=incoming.received_at,
                caption=incoming.text[:1000] if index == 0 else "",
            )

    # -- photos ---------------------------------------------------------------------------------

    def photo_stored(  # noqa: PLR0913 - the whole setting of a turn
        self,
        tx: Tx,
        photo: int,
        *,
        sha256: str,
        size: int,
        mime: str,
        path: str,
        quality: Quality | None = None,
    ) -> None:
        """A photo's second half: its bytes are durable, so it is evidence from now on (P7).

        Where its quality is known and poor, the step that waits for it asks once for a better one.
        """
        row = photos.get(tx, photo)
        if row is None or row["status"] == "stored":
            return
        person = people.locked(tx, row["person_id"])
        now = self.context.clock.now()
        photos.change(
            tx,
            photo,
            status="stored",
            sha256=sha256,
            bytes=size,
            mime=mime,
            path=path,
            received_at=now,
            error="",
        )
        if person is None:
            return
        with self._brought(tx, row):
            turn = Technician(tx, self.context, person, now)
            stored = photos.get(tx, photo)
            if stored is not None:
                turn.photo(stored, quality)
                spoke(turn, stored["channel"], stored["announced_at"])
            turn.finish()
        self.release(tx, person["id"], now)

    def photo_lost(self, tx: Tx, photo: int, why: str) -> None:
        """A photo could not be had: said, never counted."""
        row = photos.get(tx, photo)
        if row is None or row["status"] != "announced":
            return
        person = people.locked(tx, row["person_id"])
        now = self.context.clock.now()
        photos.change(tx, photo, status="lost", error=why)
        if person is None:
            return
        with self._brought(tx, row):
            turn = Technician(tx, self.context, person, now)
            known = why in ("unreadable", "too_big")
            turn.say_where(f"photo.{why}" if known else "photo.lost")
            turn.finish()
        self.release(tx, person["id"], now)

    def photo_slow(self, tx: Tx, photo: int) -> None:
        """Something waits for a photo that is still coming after 20 s: say so once, and go on
        hearing."""
        row = photos.get(tx, photo)
        if row is None or row["status"] != "announced" or row["said_coming"]:
            return
        person = people.locked(tx, row["person_id"])
        now = self.context.clock.now()
        photos.change(tx, photo, said_coming=True)
        if person is None:
            return
        with self._brought(tx, row):
            turn = Technician(tx, self.context, person, now)
            turn.reply.say("photo.coming")
            turn.finish()
        self.release(tx, person["id"], now)

    def photo_left(self, tx: Tx, photo: int) -> None:
        """No better one came within a minute: the doubtful one counts, from when it came (A40)."""
        row = photos.get(tx, photo)
        person = people.locked(tx, row["person_id"]) if row is not None else None
        job = jobs.get(tx, row["job_id"]) if row is not None else None
        if row is None or person is None or job is None:
            return
        with self._brought(tx, row):
            turn = Technician(tx, self.context, person, self.context.clock.now())
            second_look.keep(turn, job)
            turn.finish()

    def _brought(self, tx: Tx, photo: Row) -> AbstractContextManager[None]:
        """What is said of a photo answers the update that brought it."""
        return caused_by(inbox.cause_of(tx, photo["inbox_id"]) or f"photo/{photo['id']}")

    # -- time -----------------------------------------------------------------------------------

    def ring(self, tx: Tx, timer: int, now: Instant) -> None:
        """A timer is due: taken out in the transaction that writes its effect (P6)."""
        row = timers.take(tx, timer)
        if row is None:
            return
        if row["due_at"] > now:
            tx.put(
                "timers",
                **{name: row[name] for name in ("job_id", "person_id", "name", "due_at", "late")},
            )
            return
        with caused_by(f"timer/{timer}/{row['name']}"):
            if row["job_id"] is not None:
                self._ring_job(tx, row, now)
            else:
                roll_call.ring(tx, self.context, row, now)

    def _ring_job(self, tx: Tx, row: Row, now: Instant) -> None:
        job = jobs.get(tx, row["job_id"])
        if job is None:
            return
        technician = people.locked(tx, job["technician_id"]) if job["technician_id"] else None
        if tx.postgres:  # others may have moved it before its person was locked
            job = jobs.get(tx, row["job_id"])
        if job is None:
            return
        talk = Talk.of(read(job["talk"]))
        facts = days.facts_of(job, technician["app"] if technician else "own")
        late = now - row["due_at"] > days.LATE
        event = TimerFired(max(row["due_at"], 0), now, "clock", "", row["name"], row["due_at"])
        turn = self.context.engine.advance(talk, event, facts)
        stands = turn.stood.get(row["name"])
        if stands is not None and stands.due > now:
            timers.set_for_job(tx, job["id"], [(row["name"], stands.due, stands.late)])
            return
        if stands is None or not turn.heard:
            return
        talks = any(isinstance(effect, Ask | Say) for effect in turn.effects)
        person = Technician(tx, self.context, technician, now) if talks and technician else None
        way = self._on_the_way(person, job) if person is not None else None
        if way and not any(isinstance(effect, Alert) for effect in turn.effects):
            timers.set_for_job(tx, job["id"], [(row["name"], way, row["late"])])
            return
        out = technician is not None and technician["out_on"] == job["day"]
        # On the way nothing is asked; what the managers are to hear has its own minute.
        busy = way is not None
        turn.effects = roll_call.told(turn, out=out)
        reply = None
        if technician is not None and not out and not busy and not (late and row["late"] == "drop"):
            reply = Reply(technician, kind="reminder", job=job["id"], prefix=job["letter"])
            if late and row["late"] == "say" and talks:
                reply.say("late_notice", {"due": when(row["due_at"], job["timezone"])})
        fresh = carry_out(tx, self.context, job, technician, talk, turn, event, reply)
        silent = technician is not None and reaching.by_phone(tx, technician)
        roll_call.stand_in(tx, self.context, fresh, technician, turn, now, out=out or silent)
        if reply is not None and person is not None:
            held = person.in_hand()
            reply.lettered = bool(held and held["id"] != job["id"])
            # A job of a later day, or one that is over, can wait for the morning.
            later = job["day"] > person.today or not fresh["is_open"]
            due_at = days.after_quiet(now, person.zone) if later else None
            send(tx, reply, self.context.wording, now, due_at=due_at)

    def _on_the_way(self, person: Technician, job: Row) -> Instant | None:
        """Until when the technician is on the way to another job, None if not: then nothing
        asks."""
        for other in person.todays:
            planned = days.planned_arrival(other)
            if (
                other["id"] != job["id"]
                and self.context.phase(other) == "on_the_way"
                and person.now < planned
            ):
                return int(planned)
        return None

    # -- delivery -------------------------------------------------------------------------------

    def delivery_failed(self, tx: Tx, row: Row, why: str) -> None:
        """A message failed for good: another phone takes over, and the managers hear of it."""
        reaching.delivery_failed(tx, self.context, row, why, self.context.clock.now())

    def channel_is_down(self, tx: Tx, channel: str) -> bool:
        """A whole channel sends nothing: who has another phone is reached there; whether it is
        long enough for the operator to hear of it."""
        return reaching.channel_is_down(tx, self.context, channel, self.context.clock.now())

    def channel_stopped(self, tx: Tx, channel: str, why: str, what: str = "") -> None:
        """A whole channel does not deliver (settings, a limit): the operators hear it, once."""
        now = self.context.clock.now()
        said = self.context.wording.sentence(f"channel_stopped.{why}").sms
        tell_managers(
            tx,
            self.context.wording,
            now,
            kind="channel_down",
            severity=1,
            technician=None,
            values={
                "channel": {"sms": "SMS", "telegram": "Telegram", "email": "e-mail"}.get(
                    channel, channel
                ),
                "text": f"{said} {what}".strip(),
            },
            to=operators(tx),
        )
