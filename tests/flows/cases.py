"""Conversations where a job is left open or grows (A46 to A62), and without a smartphone."""

from flows.effects import Say
from tests.flows.job import Job, at


def a46_nothing_to_build_is_told_at_once_and_left_open(job: Job) -> None:
    for word in ("nothing", "partly", "built_already"):
        again = Job()
        again.at_the_door().says("not_delivered", word)
        assert ("not_delivered.photo", []) == (again.state, again.mails)
        again.sends_photo()
        assert ("not_delivered.call_dm", ["not_delivered"]) == (again.state, again.mails)
        assert ["not_delivered"] == again.alerts
        again.says("told")
        assert ["not_delivered", "not_delivered_left"] == again.alerts
        assert ("report", ["trip_charge"]) == (again.state, again.fees)
    job.building().says("not_delivered", "partly", "nothing_to_see", "told")
    assert "ivr_out" == job.state
    job.says("signed_out", "reported")

    assert "left_open" == job.state


def a46_on_arrival_is_an_arrival(job: Job) -> None:
    job.on_the_way().until("9:00").says("not_delivered", "mistake")
    assert "arrive" == job.state
    job.says("not_delivered", "nothing", "mistake")
    assert "arrive" == job.state

    assert at("9:00") == job.talk.marks["arrive"]


def a46_the_dm_confirms_or_says_go_on(job: Job) -> None:
    confirmed = Job()
    confirmed.at_the_door().says("not_delivered", "nothing", "nothing_to_see")
    confirmed.decides("confirmed")
    assert ("report", ["not_delivered.confirmed"]) == (confirmed.state, confirmed.told)
    assert ["trip_charge"] == confirmed.fees

    job.at_the_door().says("not_delivered", "nothing", "nothing_to_see")
    job.decides("go_on")
    assert ("start", ["not_delivered.go_on"]) == (job.state, job.told)
    assert (["not_delivered", "correction"], []) == (job.mails, job.fees)


def a60_more_work_without_the_app_is_signed_on_the_form(job: Job) -> None:
    job = Job(app="none")
    job.until("8:00").says("sent", "there", "signed_in", "more_work")
    job.writes("two chairs")
    job.says("allowed")
    job.writes("$45, 1.5 units")
    job.says("listed_built")
    assert "more_work.sign_on_form" == job.prompt
    job.says("price_signed", "extra_built")
    assert "assemble" == job.state
    job.says("built")

    assert "pos.form" == job.state


def a46_it_is_there_after_all(job: Job) -> None:
    job.at_the_door().says("not_delivered", "nothing", "nothing_to_see", "there_after_all")

    assert ("start", ["not_delivered", "correction"]) == (job.state, job.mails)
    assert [] == job.fees


def a50_to_a55_damage_and_missing_parts(job: Job) -> None:
    wishes = ("leave_as_is", "box_it", "take_apart")
    built = ("none_built", "some_built", "most_built")
    for case in ("damaged", "missing_parts"):
        for wish, how_much in zip(wishes, built, strict=True):
            again = Job()
            again.building().says(case)
            again.writes("left door has a crack")
            again.says("enough")
            assert (f"{case}.photos", ["damage.photo_first"]) == (again.state, again.told)
            again.sends_photo()
            again.sends_photo()
            again.says("enough")
            assert (f"{case}.customer_wish", [case]) == (again.state, again.mails)
            again.says(wish)
            prompts = []
            while again.state == f"{case}.tell_customer":
                prompts.append(again.prompt)
                again.says("told")
            assert [f"{case}.{name}" for name in ("tell_customer", "tell_2", "tell_3")] == prompts
            again.says(how_much)
            assert ("ivr_out", ["trip_charge"]) == (again.state, again.fees)
            assert [case, f"{case}_left"] == again.mails
            assert [case, f"{case}_left"] == again.alerts
    job.at_the_door().says("damaged", "mistake")
    assert "start" == job.state


def a52_a_wish_in_words_and_no_photo_to_take(job: Job) -> None:
    for case in ("damaged", "missing_parts"):
        again = Job()
        again.at_the_door().says(case)
        again.writes("crack")
        again.says("no_photo")
        again.writes("put it in the garage")
        assert f"{case}.tell_customer" == again.state
        assert "put it in the garage" == again.talk.words[f"{case}.customer_wish"]
    job.at_the_door().says("missing_parts", "mistake")

    assert "start" == job.state


def a56_broken_while_building_nobody_leaves_before_they_decide(job: Job) -> None:
    for word, state, mails in (
        ("go_on", "assemble", ["damaged_during", "damaged_during_on"]),
        ("revisit", "ivr_out", ["damaged_during", "damaged_during_left"]),
        ("stop_here", "ivr_out", ["damaged_during", "damaged_during_left"]),
    ):
        again = Job()
        again.building().until("9:30").says("damaged_during", "enough")
        assert ["damage.photo_first"] == again.told
        again.sends_photo()
        again.says("enough")
        again.writes("Sauder 12345")
        assert "damaged_during.call_office" == again.state
        again.says("called", "no_answer")
        assert ("damaged_during.hold", ["damaged_during.no_answer"]) == (again.state, again.told)
        again.says(word)
        assert (state, mails, []) == (again.state, again.mails, again.fees)
    job.building().says("damaged_during", "mistake")
    assert "assemble" == job.state


def a56_the_managers_may_decide_as_well(job: Job) -> None:
    for word, state in (("go_on", "assemble"), ("leave_open", "ivr_out")):
        for called in (False, True):
            again = Job()
            again.building().says("damaged_during", "no_photo")
            again.writes("Sauder 12345")
            if called:
                again.says("called")
            again.decides(word)
            assert (state, []) == (again.state, again.fees)
    job.building().says("damaged_during", "no_photo")

    assert "damaged_during.maker_model" == job.state


def a56_while_they_decide_it_is_asked_again_and_the_dm_told(job: Job) -> None:
    job.building().until("9:30").says("damaged_during")
    job.sends_photo()
    job.says("enough")
    job.writes("Sauder 12345")
    job.says("called")
    assert {"damaged_during.ask": "9:45", "damaged_during.waiting": "10:00"} == job.dues
    job.until("10:00")

    assert ["damaged_during", "damaged_during_waiting"] == job.alerts


def a60_to_a62_more_work_is_asked_signed_and_built_last(job: Job) -> None:
    job.building().says("more_work")
    job.writes("a second shelf")
    assert ("more_work.call_office", ["more_work"]) == (job.state, job.mails)
    job.says("allowed")
    job.writes("40 dollars")
    assert "more_work.build_listed" == job.state
    assert not job.says("price_signed").heard
    job.says("listed_built", "price_signed", "extra_built")

    assert ("complete", ["extra_work"]) == (job.state, job.fees)
    assert ["more_work", "more_work_built"] == job.mails


def a62_the_customer_refuses_the_price(job: Job) -> None:
    job.building().says("more_work")
    job.writes("a second shelf")
    job.says("allowed")
    job.writes("40 dollars")
    job.says("listed_built", "price_refused")

    assert ("complete", []) == (job.state, job.fees)
    assert ["more_work", "more_work_declined"] == job.mails


def a60_refused_dropped_or_a_mistake(job: Job) -> None:
    job.building().says("more_work", "mistake")
    assert "assemble" == job.state
    job.says("more_work")
    job.writes("a second shelf")
    job.says("refused")
    assert ("assemble", ["more_work.refused"]) == (job.state, job.told)
    job.says("more_work")
    job.writes("a second shelf")
    job.says("allowed")
    job.writes("40 dollars")
    job.says("dropped")
    assert ("assemble", "more_work_declined") == (job.state, job.mails[-1])
    job.says("more_work")
    job.writes("a second shelf")
    job.says("dropped")

    assert ("assemble", ["more_work.declined"]) == (job.state, job.told)


def a30_no_smartphone_the_form_stands_for_the_apps_steps(job: Job) -> None:
    none = Job(app="none")
    none.on_the_way().until("9:00").says("there")
    assert "ivr_in" == none.state
    none.says("signed_in", "built")
    assert "pos.form" == none.state
    none.says("no_form")
    assert ("pos.form", ["app_issue.no_form"]) == (none.state, none.told)
    none.says("filled", "not_signed", "filled", "no_photo")
    assert ("pos.form_photo", ["pos.no_photo"]) == (none.state, none.told)
    none.sends_photo()
    assert ("ivr_out", ["manual_pos"]) == (none.state, none.mails)
    none.says("signed_out")
    assert "apollo.report_paper" == none.prompt
    none.says("reported")
    assert "reported" == none.state
    assert "assemble" not in job.talk.marks


def a30_no_smartphone_early_late_and_without_eta(job: Job) -> None:
    for when, told in (("7:55", ["arrive.early"]), ("9:00", []), ("11:10", ["arrive.late"])):
        for sent in (True, False):
            none = Job(app="none")
            none.until("7:30")
            if sent:
                none.decides("sent")
                assert ["eta.is_sent"] == none.told
            none.until(when).says("there")
            assert ("ivr_in", told) == (none.state, none.told)
            assert sent == ("step_missed" not in none.alerts)
    none = Job(app="none")
    none.on_the_way().until("9:00").says("no_show")
    none.sends_photo()
    none.says("here")

    assert "ivr_in" == none.state
    assert "planned" == job.state


def a30_a_dead_app_and_a_new_plan_pass_over_start_job_without_an_eta(job: Job) -> None:
    for when, told in (("7:55", "arrive.early"), ("9:00", ""), ("11:10", "arrive.late")):
        dead = Job()
        dead.until("7:45").says("app_issue", "dead", "late")
        dead.tells("9:30")
        assert "eta" == dead.state
        dead.until(when).says("there")
        assert ("ivr_in", [*filter(None, [told]), "missed.eta"]) == (dead.state, dead.told)
    assert "planned" == job.state


def a10_no_smartphone_the_manager_is_asked_and_the_technician_told_once(job: Job) -> None:
    none = type(job)(app="none")
    none.until("8:25")
    assert ("apollo.eta_by_manager", ["send_eta"]) == (none.prompt, none.alerts)
    assert ["1", "2", "3"] == list(none.engine.choices(none.talk))
    assert [("7:00", "apollo.day"), ("7:45", "apollo.send_eta")] == none.rang
    none.decides("sent")
    assert ("arrive", ["eta.is_sent"]) == (none.state, none.told)
    assert "send_eta" in none.closed
    job.until("7:45")

    assert ("apollo.eta", []) == (job.prompt, job.alerts)


def a10_no_smartphone_a_new_plan_asks_the_manager_again(job: Job) -> None:
    none = Job(app="none")
    none.until("8:00").says("late")
    none.tells("10:00")
    assert "eta" == none.state
    none.until("8:45")
    assert ["send_eta", "send_eta"] == none.alerts
    none.until("8:50").says("late")
    none.tells("9:45")  # its time to be asked is over: asked at once

    assert ["send_eta", "send_eta", "send_eta"] == none.alerts
    assert "unseen" not in none.talk.marks
    assert "planned" == job.state


def a30_no_smartphone_what_was_missed_and_a_return_pass_over_the_app_too(job: Job) -> None:
    none = Job(app="none")
    none.on_the_way().until("9:00").says("missed")
    assert ("ivr_in", ["missed.arrive"]) == (none.state, none.told)
    none.says("signed_in", "missed")
    assert ("pos.form", ["missed.assemble"]) == (none.state, none.told)
    assert ["send_eta", "step_missed", "step_missed"] == none.alerts
    back = Job(app="none")
    back.on_the_way().until("9:00").says("not_delivered", "nothing", "nothing_to_see", "told")
    back.says("reported", "returned")
    assert "ivr_in" == back.state
    assert "planned" == job.state


def contract_6_who_is_signed_in_and_silent_in_a_case_is_asked_there_too(job: Job) -> None:
    job.building().until("9:10").says("damaged")
    assert {"damaged.silent": "9:25", "damaged.silent_alert": "9:55"} == job.dues
    job.until("10:40")

    assert ("damaged.what", ["silent"]) == (job.state, job.alerts)


def whoever_falls_silent_in_a_case_is_asked_and_then_told_of(job: Job) -> None:
    """Steps of minutes only: a wait has its own clock, and on the way nothing is asked."""
    for case in ("no_show", "not_delivered", "missing_parts", "damaged_during", "app_issue"):
        again = type(job)()
        (again.building() if case == "damaged_during" else again.at_the_door())
        again.until("9:10").says(case)
        opened = again.state
        assert {f"{case}.silent": "9:25", f"{case}.silent_alert": "9:55"} == again.dues
        again.until("9:55")
        assert (opened, ["silent"]) == (again.state, again.alerts)
    job.at_the_door().until("9:10").says("other")
    job.until("9:55")
    assert ["silent"] == job.alerts
    paper = type(job)(app="none").building()
    paper.says("missed")
    paper.until("9:55")
    assert "silent" in paper.alerts


def the_app_fails_on_the_way_and_nothing_more_is_heard(job: Job) -> None:
    job.until("7:50").says("app_issue")
    job.until("8:30")

    assert ("app_issue.retry", ["eta_missing"]) == (job.state, job.alerts)
    job.until("10:45")
    assert ["eta_missing", "not_arrived"] == job.alerts


def what_moves_the_job_is_not_left_out_for_what_says_more(job: Job) -> None:
    """Found after downtime, both due: the question of A56 comes back, the call of A40 is named."""
    job.building().says("damaged_during", "no_photo")
    job.writes("Sauder Palladia")
    job.says("called")
    job.down_until("10:00")
    assert {"damaged_during.ask": "10:05"} == job.dues
    away = type(job)().at_the_door()
    away.says("no_show")
    away.sends_photo()
    away.down_until("10:00")
    assert Say("no_show.call_first", must=True) in away.effects


def late_is_said_before_the_day_and_never_answered_when(job: Job) -> None:
    job.until("6:30").says("late")
    job.until("7:00")

    assert "eta" == job.state


def a50_to_a62_at_complete_job_as_well(job: Job) -> None:
    for case in ("damaged", "missing_parts", "damaged_during", "more_work"):
        again = Job()
        again.building().says("built", case, "mistake")
        assert "complete" == again.state
    job.building().says("built", "more_work")
    job.writes("a lamp")
    job.says("allowed")
    job.writes("$20, 0.5 units")
    job.says("listed_built", "price_signed", "extra_built")

    assert ("complete", ["extra_work"]) == (job.state, job.fees)


def a30_no_smartphone_done_stops_at_the_form(job: Job) -> None:
    none = Job(app="none")
    none.on_the_way().until("9:00").done(7)

    assert "assemble" == none.state
    assert "planned" == job.state


def contract_one_charge_a_visit_whatever_the_cases(job: Job) -> None:
    job.at_the_door().says("not_delivered", "nothing", "nothing_to_see", "told", "reported")
    job.says("returned", "no_show")
    job.sends_photo()
    job.says("called")
    job.until("9:40")

    assert "report" == job.state
    assert ["trip_charge"] == job.fees
