"""Conversations of program mila: accepting, waiting, handling, closing; support, proof (M01-M15)."""

from tests.flows.job import Job, at


def m02_to_m08_from_the_request_to_the_closed_service(job: Job) -> None:
    job = type(job)(program="mila")
    assert ("accept", "mila.accept") == (job.state, job.prompt)
    job.says("accepted", "visible")
    assert "planned" == job.state
    job.until("8:00")
    assert ("handle", [""]) == (job.state, job.asked)
    job.until("10:00").says("handled", "signed", "closed")

    assert "reported" == job.state
    job.until("14:00")
    assert ["mila.follows"] == job.told
    assert {} == job.standing


def m02_a_declined_request_is_nobodys(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("declined")

    assert ("cancelled", ["mila.declined"]) == (job.state, job.told)
    assert ["declined"] == job.alerts


def m02_a_request_that_nobody_accepts_is_asked_for_and_the_managers_hear(job: Job) -> None:
    job = type(job)(program="mila")
    job.until("6:30")
    assert [""] == job.asked
    job.until("7:00")
    assert ["not_accepted"] == job.alerts
    job.says("accepted")

    assert "wait_app" == job.state


def m03_four_hours_after_accepting_it_is_asked_for(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("accepted")
    assert {"mila.app_missing": "10:00", "mila.app_missing_today": "7:00"} == job.dues
    job.until("7:00")
    assert ["mila.wait_over"] == job.asked
    job.until("10:00")
    assert ["mila.wait_over"] == job.asked
    job.says("not_there")
    assert ("support.call", ["support"]) == (job.state, job.alerts)
    job.says("go_on", "visible")

    assert "handle" == job.state


def m03_an_imported_order_is_accepted_already(job: Job) -> None:
    job = type(job)(program="mila", done={"accept": at("2:30")})

    assert "wait_app" == job.state
    assert "6:30" == job.dues["mila.app_missing"]


def m05_another_date_or_time_is_recorded_and_the_reminders_follow(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("accepted", "late")
    job.tells("10:00")
    assert ("wait_app", ["reschedule.noted"], ["rescheduled"]) == (job.state, job.told, job.alerts)
    job.until("7:30").says("visible")
    assert ("handle", "9:00") == (job.state, job.dues["mila.before"])
    job.says("late")
    job.tells("33:00")
    assert ("planned", {"mila.day": "31:00"}) == (job.state, job.dues)
    job.says("late")
    job.tells("12:00")
    assert ("handle", "11:00") == (job.state, job.dues["mila.before"])
    job.says("late", "kept")

    assert "handle" == job.state
    assert at("12:00") == job.facts.window_start


def m07_what_was_not_done_is_kept_and_told(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("accepted", "visible")
    job.until("9:00").says("missed", "signed", "missed")

    assert "reported" == job.state
    assert ["step_missed", "step_missed"] == job.alerts
    assert {"missed_handle", "missed_close"} <= set(job.talk.marks)


def m08_a_service_that_nobody_closes_is_asked_for(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("accepted", "visible")
    job.until("12:00")
    assert [""] == job.asked
    job.until("13:00")
    assert ["no_word"] == job.alerts
    job.says("handled")
    assert {"no_word"} == job.closed
    job.until("13:30")

    assert [""] == job.asked


def m11_support_is_reached_from_every_step(job: Job) -> None:
    for steps in ((), ("accepted",), ("accepted", "visible")):
        for word in ("cannot", "wants_else", "question"):
            again = type(job)(program="mila")
            again.says(*steps)
            again.until("7:30").says("issue", word)
            assert "support.call" == again.state
            again.says("no_answer")
            assert ["support.no_answer"] == again.told
            again.until("8:30")
            assert [""] == again.asked
            again.says("mistake")
            assert {"support"} == again.closed
            again.says(word, "go_on")
            assert again.talk.under is None
    for words in (("handled",), ("handled", "signed")):
        job = type(job)(program="mila")
        job.says("accepted", "visible")
        job.until("8:00").says(*words, "issue", "question", "go_on")
        assert {"issue"} <= job.choices


def m12_support_cancels_or_redistributes(job: Job) -> None:
    for word, end in (("cancelled", "cancelled"), ("redistributed", "reassigned")):
        again = type(job)(program="mila")
        again.says("accepted", "cannot", word)

        assert (end, [f"support.{word}"]) == (again.state, again.told)


def m15_a_signed_proof_stands_for_the_app(job: Job) -> None:
    job = type(job)(program="mila")
    job.says("accepted", "visible")
    job.until("8:00").says("handled", "signed", "app_dead", "works", "app_dead", "filled", "works")
    assert ("close", []) == (job.state, job.mails)
    job.says("app_dead", "filled", "not_signed")
    assert "proof.form" == job.state
    job.says("filled")
    job.sends_photo()

    assert ("reported", ["proof"], [("form", 1)]) == (job.state, job.mails, job.photos)
    assert "follows" in {name.partition(".")[2] for name in job.standing}
