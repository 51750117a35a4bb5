"""The sender's queries: their order, one at a time for an address, never the whole outbox read."""

from typing import Any

from storage import dispatch, outbox
from storage.db import Store, Tx
from tests.databases import new_store


def row(tx: Tx, address: str, *, lane: int = 1, due: int = 0, **more: Any) -> int:
    values: dict[str, Any] = {"channel": "sms", "kind": "reply", "payload": "{}", "created_at": 0}
    return outbox.add(tx, address=address, lane=lane, due_at=due, **(values | more))


def claim(tx: Tx, now: int = 10, limit: int = 10, **more: Any) -> list[int]:
    rows = dispatch.claim(tx, "sms", now=now, lease_until=99, limit=limit, **more)
    return [row["id"] for row in rows]


def test_urgent_first_one_for_each_address_and_nothing_before_its_time(store: Store) -> None:
    def work(tx: Tx) -> None:
        bulk = row(tx, "a", lane=3)
        alert = row(tx, "a", lane=0)
        other = row(tx, "b", lane=2)
        row(tx, "c", due=11)
        row(tx, "d", channel="telegram")
        assert claim(tx) == [alert, other]
        assert claim(tx) == []
        outbox.finish(tx, alert, "sent", 10)
        assert claim(tx) == [bulk]

    store.transact(work)


def test_p3_what_is_put_back_keeps_its_place_before_later_rows(store: Store) -> None:
    def work(tx: Tx) -> None:
        first, second = row(tx, "a"), row(tx, "a")
        (claimed,) = dispatch.claim(tx, "sms", now=10, lease_until=99, limit=1)
        dispatch.put_back(tx, claimed, 500, "busy", may_have_left=False)
        assert claim(tx) == []
        third = row(tx, "a")
        assert outbox.get(tx, first)["claimed_at"] is None  # type: ignore[index]
        assert claim(tx, 500) == [first]
        outbox.finish(tx, first, "sent", 500)
        assert claim(tx, 500) == [second]
        outbox.finish(tx, second, "sent", 500)
        assert claim(tx, 500) == [third]

    store.transact(work)


def test_p5_what_comes_later_does_not_overtake_what_waits_for_its_next_try(store: Store) -> None:
    def work(tx: Tx) -> None:
        first = row(tx, "a")
        (claimed,) = dispatch.claim(tx, "sms", now=10, lease_until=99, limit=1)
        dispatch.put_back(tx, claimed, 500, "busy", may_have_left=True)
        later, urgent, other = row(tx, "a"), row(tx, "a", lane=0), row(tx, "b")
        assert claim(tx) == [urgent, other]
        outbox.finish(tx, urgent, "sent", 20)
        assert claim(tx) == []
        assert claim(tx, 500) == [first]
        outbox.finish(tx, first, "sent", 500)
        assert claim(tx, 500) == [later]

    store.transact(work)


def test_p5_what_waited_behind_is_not_overtaken_when_the_first_had_arrived_after_all(
    store: Store,
) -> None:
    def work(tx: Tx) -> None:
        first, second = row(tx, "a"), row(tx, "a")
        (claimed,) = dispatch.claim(tx, "sms", now=10, lease_until=99, limit=1)
        dispatch.put_back(tx, claimed, 500, "no answer", may_have_left=True)
        assert outbox.due_count(tx, 20) == 0  # nothing can leave before 500
        outbox.finish(tx, first, "delivered", 20, provider_id="SM1")
        third = row(tx, "a", due=20, created_at=20)
        assert claim(tx, 20) == [second]
        outbox.finish(tx, second, "sent", 20)
        assert claim(tx, 20) == [third]

    store.transact(work)


def test_p5_a_clock_that_is_set_back_turns_no_order_around(store: Store) -> None:
    def work(tx: Tx) -> None:
        tried, behind = (row(tx, "b", due=500, created_at=500) for _ in range(2))
        (claimed,) = dispatch.claim(tx, "sms", now=500, lease_until=99, limit=1)
        dispatch.put_back(tx, claimed, 510, "busy", may_have_left=False)
        before = row(tx, "a", due=500, created_at=500)
        row(tx, "c", due=900, created_at=500)  # meant to leave later
        after = [row(tx, address, due=100, created_at=100) for address in "abc"]

        assert claim(tx, 100) == [before, after[2]]
        outbox.finish(tx, before, "sent", 100)
        assert claim(tx, 100) == [after[0]]
        assert claim(tx, 510) == [tried]
        outbox.finish(tx, tried, "sent", 510)
        assert claim(tx, 100) == [behind]

    store.transact(work)


def test_s11_only_alerts_leave_where_that_is_said(store: Store) -> None:
    def work(tx: Tx) -> None:
        row(tx, "a", lane=0)
        alert = row(tx, "a", lane=0, kind="alert")
        other = row(tx, "b")
        assert claim(tx, closed=["a"]) == [alert, other]
        row(tx, "c", lane=0)
        last = row(tx, "c", kind="alert")
        assert claim(tx, only_alerts=True) == [last]

    store.transact(work)


def test_a_claim_that_was_settled_meanwhile_is_not_put_back(store: Store) -> None:
    def work(tx: Tx) -> None:
        number = row(tx, "a")
        (claimed,) = dispatch.claim(tx, "sms", now=10, lease_until=99, limit=1)
        outbox.finish(tx, number, "delivered", 10, provider_id="SM1")
        dispatch.put_back(tx, claimed, 500, "no answer", may_have_left=True)
        assert outbox.get(tx, number)["status"] == "delivered"  # type: ignore[index]

    store.transact(work)


def test_leases_that_ran_out_are_found(store: Store) -> None:
    def work(tx: Tx) -> None:
        number = row(tx, "a")
        claim(tx)
        assert dispatch.expired(tx, "sms", 99) == []
        assert [r["id"] for r in dispatch.expired(tx, "sms", 100)] == [number]
        assert dispatch.expired(tx, "telegram", 100) == []

    store.transact(work)


def test_what_left_lately_and_what_is_unfinished(store: Store) -> None:
    def work(tx: Tx) -> None:
        number, other = row(tx, "a"), row(tx, "b")
        claim(tx)
        outbox.finish(tx, number, "sent", 10, provider_id="SM1")
        outbox.finish(tx, other, "delivered", 10, provider_id="SM2")
        assert sorted(dispatch.sent_lately(tx, "sms", 10)) == [(10, "a"), (10, "b")]
        assert dispatch.sent_lately(tx, "sms", 11) == []
        assert [r["id"] for r in dispatch.unfinished_texts(tx, 10, 5)] == [number]
        assert dispatch.ids_to(tx, "sms", "a", other) == {"SM1"}

    store.transact(work)


def test_f7_a_claim_uses_the_indexes(tmp_path: Any) -> None:
    store = new_store(f"sqlite:///{tmp_path / 'plan.db'}")
    plans: list[str] = []

    class Explained(Tx):
        def all(self, sql: str, params: Any = None) -> list[Any]:
            plans.extend(
                step["detail"] for step in super().all("EXPLAIN QUERY PLAN " + sql, params)
            )
            return super().all(sql, params)

    connection = store.connect()
    dispatch.claim(Explained(connection, "sqlite"), "sms", now=1, lease_until=1, limit=1)
    dispatch.expired(Explained(connection, "sqlite"), "sms", 1)
    connection.close()

    assert plans
    assert [] == [plan for plan in plans if plan.startswith("SCAN") and "SUBQUERY" not in plan]
