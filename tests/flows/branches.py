"""Conversations in the branches: late, nobody home, a dead app, anything else."""

import pytest

from flows.events import TimerFired
from flows.talk import Talk
from tests.flows.job import Job, at

# -- late ---------------------------------------------------------------------------------------


def a05_late_inside_the_window_moves_the_plan_and_asks_for_a_new_eta(job: Job) -> None:
    job.on_the_way().until("8:30").says("late")
    assert ("late.when", "time", "arrive") == (
        job.state,
        job.engine.waits_for(job.talk),
        job.talk.under,
    )
    job.tells("10:15")

    assert ("eta", ["late.replanned"]) == (job.state, job.told)
    assert at("10:15") == job.facts.planned_arrival
    assert "eta" not in job.talk.marks
    assert {"9:00", "9:15", "9:25", "9:35", "9:45", "10:25"} == set(job.dues.values()) - {"10:45"}
    assert [] == job.alerts


def a05_late_outside_the_window_is_the_managers_to_decide(job: Job) -> None:
    job.on_the_way().until("10:00").says("late")
    job.tells("11:30")
    assert ("arrive", ["late.told"], ["late_outside"]) == (job.state, job.told, job.alerts)
    assert at("9:00") == job.facts.planned_arrival
    job.decides("late_go")

    assert ("eta", ["late.go"]) == (job.state, job.told)
    assert at("11:30") == job.facts.planned_arrival


def a05_the_managers_answer_asks_for_the_eta_anew_even_at_the_eta(job: Job) -> None:
    job.until("8:00").says("late")
    job.tells("11:30")
    job.decides("late_go")

    assert ("eta", True) == (job.state, job.turn.entered)


def a05_dont_go_is_said_and_changes_nothing(job: Job) -> None:
    job.on_the_way().until("10:00").says("late")
    job.tells("11:30")
    job.decides("late_stop")

    assert ("arrive", ["late.stop"]) == (job.state, job.told)
    other = Job()
    other.until("8:00").says("late")
    other.tells("11:30")
    other.decides("late_stop")
    assert "eta" == other.state


def a05_late_before_the_day_has_begun(job: Job) -> None:
    job.says("late")
    job.tells("10:00")
    assert ("planned", at("10:00")) == (job.state, job.facts.planned_arrival)
    job.says("late")
    job.tells("11:30")
    job.decides("late_stop")
    assert "planned" == job.state
    job.decides("late_go")

    assert ("planned", at("11:30")) == (job.state, job.facts.planned_arrival)


def a05_the_day_that_begins_while_late_is_asked_begins_afterwards(job: Job) -> None:
    job.says("late")
    job.until("7:10").says("not_late")

    assert "eta" == job.state


def a05_not_late_after_all(job: Job) -> None:
    job.on_the_way().says("late", "not_late")

    assert "arrive" == job.state
    assert [] == job.alerts


def a05_a_decision_that_comes_after_the_arrival_is_only_told(job: Job) -> None:
    job.on_the_way().until("10:00").says("late")
    job.tells("11:30")
    job.says("there")
    assert "late_outside" in job.closed
    job.decides("late_go")

    assert ("start", ["decided.late_go"]) == (job.state, job.told)


# -- nobody home --------------------------------------------------------------------------------


def no_show(job: Job, when: str = "9:00") -> Job:
    """Nobody home; the door photo is there at `when`."""
    job.on_the_way().until(when).says("no_show")
    job.sends_photo()
    return job


def a40_photo_mail_and_call_come_in_this_order(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show")
    assert ("no_show.door_photo", []) == (job.state, job.mails)
    job.sends_photo()
    assert ("no_show.call_office", ["no_show"], ["no_show"]) == (job.state, job.mails, job.alerts)
    assert [("door", 1)] == job.photos
    job.says("called")

    assert "no_show.waiting" == job.state


def a41_they_open_before_the_photo_is_taken(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show")
    job.says("here")

    assert ("arrive", []) == (job.state, job.mails)


def a40_it_can_be_opened_from_arrive_to_ivr_in_only(job: Job) -> None:
    opened = []
    job.until("8:00")
    while not job.engine.is_over(job.talk):
        if "no_show" in job.engine.callable_here(job.talk):
            opened.append(job.state)
        else:
            assert not job.says("no_show").heard
        job.says(job.engine.choices(job.talk)["1"])

    assert ["arrive", "start", "ivr_in"] == opened


def a42_thirty_minutes_after_the_photo_the_visit_has_failed(job: Job) -> None:
    no_show(job).until("9:03").says("called")
    assert {"no_show.thirty": "9:30"} == job.dues
    job.until("9:29")
    assert [] == job.fees
    job.until("9:30")

    assert ("report", ["no_show.over"], ["failed_visit"]) == (job.state, job.told, job.fees)
    assert ["no_show", "no_show_over"] == job.mails
    assert "no_show_over" in job.alerts
    assert {"no_show", "no_show_unseen", "office_silent", "coming_over"} == job.closed
    assert "unseen" not in job.talk.marks


def a40_no_photo_the_reason_takes_its_place_and_the_fee_is_to_be_checked(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show", "no_photo")
    assert ("no_show.why", "text", []) == (job.state, job.engine.waits_for(job.talk), job.alerts)
    job.writes("no camera; number 12, lights off")
    assert ("no_show.call_office", ["no_show_unseen"]) == (job.state, job.mails)
    assert ("no_show.call_office_unseen", ["no_show_unseen"]) == (job.prompt, job.alerts)
    job.says("called")
    assert {"no_show.thirty": "9:30"} == job.dues
    job.until("9:30")

    assert ("report", ["failed_visit"]) == (job.state, job.fees)
    assert {"unseen", "no_show.no_photo"} <= set(job.talk.marks)


def a40_a_photo_after_all_is_evidence_like_any(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show", "no_photo")
    job.sends_photo()

    assert ("no_show.call_office", "no_show.call_office") == (job.state, job.prompt)
    assert (["no_show"], ["no_show"]) == (job.mails, job.alerts)
    assert not {"unseen", "no_show.no_photo"} & set(job.talk.marks)
    for word in ("here", "mistake"):
        gone = Job()
        gone.on_the_way().until("9:00").says("no_show", "no_photo", word)
        assert ("arrive", []) == (gone.state, gone.mails)


def a40_customer_service_does_not_answer_and_a_manager_calls_instead(job: Job) -> None:
    no_show(job).says("no_answer")
    assert ("no_show.call_office", ["office.no_answer"]) == (job.state, job.told)
    assert "office_silent" == job.alerts[-1]
    job.decides("called")

    assert ("no_show.waiting", {"no_show.thirty": "9:30"}) == (job.state, job.dues)
    assert "office_silent" in job.closed
    broke = Job()
    broke.building().says("damaged_during", "no_photo")
    broke.writes("Alpha X1")
    broke.says("no_answer")
    assert "damaged_during.call_office" == broke.state
    assert "damaged_during_waiting" == broke.alerts[-1]


def a42_the_thirty_minutes_never_begin_before_the_window(job: Job) -> None:
    job.until("7:30").says("sent", "no_show")
    job.sends_photo()
    job.says("called")

    assert {"no_show.thirty": "8:30"} == job.dues


def a42_leaving_needs_the_call(job: Job) -> None:
    no_show(job).until("9:30")
    assert ("no_show.call_office", ["no_show.call_first"]) == (job.state, job.told)
    assert [] == job.fees
    job.until("9:40").says("called")

    assert ("report", ["failed_visit"]) == (job.state, job.fees)
    assert "unseen" in job.talk.marks
    # Mars gets a sign-out that is not before the call (A44).
    assert at("9:40") == job.talk.marks["done"]


def a42_a_clock_that_ran_unseen_brings_a_fee_to_check(job: Job) -> None:
    no_show(job).until("9:50").says("called", when="9:05")

    assert ("report", ["failed_visit"]) == (job.state, job.fees)
    assert "unseen" in job.talk.marks
    assert at("9:30") == job.talk.marks["done"]


def a42_found_late_after_downtime_it_carries_the_true_time(job: Job) -> None:
    no_show(job).says("called")
    job.down_until("9:50")

    assert ("report", ["failed_visit"]) == (job.state, job.fees)
    assert at("9:30") == job.talk.marks["done"]


def a44_a45_not_signed_in_it_is_left_open_after_the_report(job: Job) -> None:
    no_show(job).says("called")
    job.until("9:30")
    assert "apollo.report_unfinished" == job.prompt
    assert {"apollo.unreported": "9:50", "apollo.unreported_alert": "10:30"} == job.dues
    job.says("reported")

    assert "left_open" == job.state


def a41_the_customer_is_there_after_all(job: Job) -> None:
    no_show(job).says("here")
    assert ("start", ["no_show.appeared"]) == (job.state, job.told)
    assert ["no_show", "no_show_appeared"] == job.mails
    assert "no_show_appeared" in job.alerts
    assert [] == job.fees

    waiting = no_show(Job())
    waiting.says("called", "here")
    assert "start" == waiting.state
    coming = no_show(Job())
    coming.says("called", "coming", "here")
    assert "start" == coming.state


def a41_it_goes_on_where_it_was_opened(job: Job) -> None:
    job.at_the_door().says("started", "no_show")
    job.sends_photo()
    job.says("here")

    assert "ivr_in" == job.state


def a13_who_was_in_time_for_a_no_show_has_not_arrived_late(job: Job) -> None:
    no_show(job, "10:50").says("called")
    job.until("11:10").says("here")

    assert "start" == job.state
    assert at("10:50") == job.talk.marks["arrive"]
    assert "arrived_late" not in job.alerts


def a41_fifteen_minutes_past_the_told_time_the_dm_decides(job: Job) -> None:
    no_show(job).says("called", "coming")
    assert ("no_show.coming", "no_show.coming") == (job.state, job.prompt)
    job.tells("9:40")
    assert ("no_show.expected", {"no_show.coming_over": "9:55"}) == (job.prompt, job.dues)
    job.until("9:55")
    assert "coming_over" == job.alerts[-1]
    assert [] == job.fees
    job.decides("wait_on")
    assert (["no_show.wait_on"], {"no_show.coming_over": "10:10"}) == (job.told, job.dues)
    job.until("10:10")
    assert 2 == job.alerts.count("coming_over")
    job.decides("leave_open")

    assert ("report", ["failed_visit"]) == (job.state, job.fees)


def a41_nobody_who_is_coming_is_waited_for_in_silence(job: Job) -> None:
    no_show(job).until("9:10").says("called", "coming")
    assert {"no_show.coming_over": "9:25"} == job.dues
    job.until("9:12").says("no_time")
    assert {"no_show.coming_over": "9:27"} == job.dues
    job.tells("9:50")

    assert {"no_show.coming_over": "10:05"} == job.dues


def a_told_time_that_is_long_over_asks_the_dm_at_once(job: Job) -> None:
    no_show(job).until("9:20").says("called", "coming")
    job.tells("9:00")

    assert "coming_over" == job.alerts[-1]


def a_mistake_is_taken_back_before_and_after_the_mail(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show", "mistake")
    assert ("arrive", []) == (job.state, job.mails)

    mailed = no_show(Job())
    mailed.says("called", "mistake")
    assert ("arrive", ["no_show", "correction"]) == (mailed.state, mailed.mails)
    assert {"no_show", "no_show_unseen", "office_silent", "coming_over"} == mailed.closed


def a_second_no_show_has_its_own_thirty_minutes_and_its_own_mail(job: Job) -> None:
    no_show(job).says("called", "mistake")
    job.until("9:20").says("no_show")
    assert "no_show.mailed" not in job.talk.marks
    job.sends_photo()
    job.says("called")
    assert {"no_show.thirty": "9:50"} == job.dues
    job.until("9:50")

    assert ["failed_visit"] == job.fees


def contract_one_fee_a_visit_even_after_a_return(job: Job) -> None:
    no_show(job).says("called")
    job.until("9:31").says("reported")
    job.until("10:00").decides("returned")
    assert "start" == job.state
    job.says("no_show")
    job.sends_photo()
    job.says("called")
    job.until("10:30")

    assert "report" == job.state
    assert ["failed_visit"] == job.fees


def a_timer_of_a_step_that_was_left_means_nothing(job: Job) -> None:
    no_show(job).says("called")
    due = job.standing["no_show.thirty"].due
    job.says("mistake")
    job.until("9:30")
    event = TimerFired(due, job.now, "clock", "", "no_show.thirty", due)

    assert not job.happens(event).heard
    assert ("arrive", []) == (job.state, job.fees)


def nobody_fires_a_row_of_the_clock_or_of_the_managers(job: Job) -> None:
    no_show(job).says("called")
    for word in ("thirty", "photo", "leave_open", "wait_on", "time"):
        assert not job.says(word).heard
    for word in ("thirty", "here", "mistake"):
        assert not job.decides(word).heard

    assert "no_show.waiting" == job.state


# -- the app ------------------------------------------------------------------------------------


def a30_before_complete_the_work_goes_on_and_a_form_is_owed(job: Job) -> None:
    job.at_the_door().says("app_issue", "dead")
    assert ("ivr_in", ["app_issue.owing"]) == (job.state, job.told)
    assert (["app_issue"], ["app_issue"]) == (job.mails, job.alerts)
    job.says("signed_in", "built")
    assert ("complete", "apollo.complete_owing") == (job.state, job.prompt)
    job.until("9:50").says("app_issue", "dead")
    assert "app_issue.form" == job.state
    job.says("filled")
    job.until("10:00").sends_photo()

    assert "ivr_out" == job.state
    assert (["app_issue", "manual_pos"], ["app_issue", "manual_pos"]) == (job.mails, job.alerts)
    assert [("form", 1)] == job.photos
    assert {"apollo.unreported": "10:20", "apollo.unreported_alert": "11:00"} == job.dues


def a30_the_app_works_again_at_complete(job: Job) -> None:
    job.at_the_door().says("app_issue", "dead", "signed_in", "built", "completed")

    assert "signature" == job.state
    assert "owes_form" not in job.talk.marks
    assert "app_issue" in job.closed


def a30_where_the_app_is_dead_its_steps_are_passed_over(job: Job) -> None:
    job.until("8:00").says("app_issue", "dead")
    assert "arrive" == job.state
    job.until("9:00").says("there")
    assert "ivr_in" == job.state

    for when, told in (("7:50", "arrive.early"), ("11:10", "arrive.late")):
        again = Job()
        again.until("7:45").says("app_issue", "dead")
        again.until(when).says("there")
        assert ("ivr_in", [told]) == (again.state, again.told)


def a30_at_the_door_without_eta_and_without_app(job: Job) -> None:
    for when, told in (("7:55", ["arrive.early"]), ("9:00", []), ("11:10", ["arrive.late"])):
        again = Job()
        again.until("7:40").says("app_issue", "dead", "late")
        again.tells("9:00")
        assert "eta" == again.state
        again.until(when).says("there")
        assert ("ivr_in", [*told, "missed.eta"]) == (again.state, again.told)
    job.until("7:40").says("app_issue", "dead")
    job.until("9:00").says("no_show")
    job.sends_photo()
    job.says("here")

    assert "ivr_in" == job.state


def a33_told_once_that_the_app_is_dead(job: Job) -> None:
    job.building().says("app_issue", "dead")
    assert "assemble" == job.state
    job.says("app_issue", "dead")

    assert (["app_issue"], ["app_issue"]) == (job.mails, job.alerts)
    assert ["app_issue.owing"] == job.told


def a33_once_more_and_it_works(job: Job) -> None:
    job.building().says("app_issue", "works")

    assert ("assemble", []) == (job.state, job.mails)


def a32_after_complete_the_form_goes_at_once(job: Job) -> None:
    job.to_be_signed().says("app_issue", "dead", "filled")
    assert "app_issue.form_photo" == job.state
    job.says("no_form")
    assert ("app_issue.form_photo", ["app_issue.no_form"]) == (job.state, job.told)
    job.sends_photo()

    assert "ivr_out" == job.state
    assert ["app_issue", "manual_pos"] == job.mails
    assert {"app_issue", "no_form"} == job.closed


def a33_the_app_works_while_the_form_is_filled(job: Job) -> None:
    for words in (("dead", "works"), ("dead", "filled", "works")):
        again = Job()
        again.to_be_signed().says("app_issue", *words)
        assert "signature" == again.state
        assert {"app_issue", "no_form"} == again.closed
    job.to_be_signed().says("app_issue", "works")
    assert "signature" == job.state


def a33_the_office_that_waits_for_a_form_hears_that_none_comes(job: Job) -> None:
    job.to_be_signed().says("app_issue", "dead", "filled", "works")
    assert ["app_issue", "app_works"] == job.mails

    early = Job()
    early.at_the_door().says("app_issue", "dead", "signed_in", "built", "completed")
    assert ["app_issue", "app_works"] == early.mails
    stuck = Job()
    stuck.to_be_signed().says("signed", "sent", "still_there", "sent", "still_there", "filled")
    assert "app_issue.form_photo" == stuck.state
    stuck.says("works")
    assert ("cleared", []) == (stuck.state, stuck.mails)


def a22_a_report_waits_for_the_times_that_mars_needs(job: Job) -> None:
    job.until("8:00").done(10)
    assert ("selfie", ["arrive", "ivr_in"]) == (job.state, job.talk.untold)
    assert not job.says("sent").heard
    job.tells("7:00")
    job.tells("7:05")
    job.says("sent")
    assert ("report", ["ivr_out"]) == (job.state, job.talk.untold)
    assert not job.says("reported").heard
    job.tells("7:50")
    job.says("reported")

    assert "reported" == job.state


# -- anything else ------------------------------------------------------------------------------


def other(job: Job, text: str = "they refuse to sign") -> Job:
    """Something else, told in words, without a photo: it waits for the DM."""
    job.says("other")
    job.writes(text)
    job.says("no_photo")
    return job


def a33_anything_else_is_recorded_mailed_and_decided(job: Job) -> None:
    job.to_be_signed().says("other")
    assert ("other.what", "text") == (job.state, job.engine.waits_for(job.talk))
    job.writes("they refuse to sign")
    assert "they refuse to sign" == job.talk.words["other.what"]
    job.sends_photo()

    assert ("other.hold", ["other"], ["other"]) == (job.state, job.mails, job.alerts)
    assert [("other", 1)] == job.photos
    job.decides("go_on")
    assert ("signature", ["other.go_on"]) == (job.state, job.told)


def a33_nobody_decides_for_half_an_hour(job: Job) -> None:
    other(job.building().until("9:20"))
    assert {"other.half_hour": "9:50"} == job.dues
    job.until("9:50")

    assert ("ivr_out", ["other.half_hour"]) == (job.state, job.told)
    assert ["other", "other_waiting"] == job.alerts
    job.decides("go_on")
    assert ("ivr_out", ["decided.go_on"]) == (job.state, job.told)
    job.says("signed_out")
    assert "apollo.report_unfinished" == job.prompt
    job.says("reported")
    assert "left_open" == job.state


def a33_the_managers_hear_of_it_though_no_photo_comes(job: Job) -> None:
    job.building().until("9:20").says("other")
    job.writes("they moved out")
    assert {"other.photo_waits": "9:30"} == job.dues
    job.until("9:30")

    assert ("other.hold", ["other"], ["other"]) == (job.state, job.mails, job.alerts)
    assert "other.hold" == job.prompt


def a33_opened_by_mistake(job: Job) -> None:
    job.building().says("other", "mistake")

    assert ("assemble", []) == (job.state, job.mails)


def a44_left_open_signs_out_only_who_is_signed_in(job: Job) -> None:
    other(job.at_the_door())
    job.decides("leave_open")
    assert "report" == job.state

    signed_in = other(Job().building())
    signed_in.decides("leave_open")
    assert "ivr_out" == signed_in.state
    signed_out = Job().to_be_signed()
    signed_out.says("signed", "sent", "gone", "signed_out")
    other(signed_out).decides("leave_open")
    assert "report" == signed_out.state
    forgotten = Job().to_be_signed()
    forgotten.says("signed", "sent", "gone", "missed")
    other(forgotten).decides("leave_open")
    assert "report" == forgotten.state


def a44_moved_or_cancelled_on_site_still_signs_out_and_reports(job: Job) -> None:
    for word in ("moved", "cancelled"):
        before = other(Job().on_the_way())
        before.decides(word)
        assert (word, [f"other.{word}"]) == (before.state, before.told)

        at_the_door = other(Job().at_the_door())
        at_the_door.decides(word)
        assert ("report", [f"other.{word}"]) == (at_the_door.state, at_the_door.told)
        at_the_door.says("reported")
        assert word == at_the_door.state

        signed_in = other(Job().building())
        signed_in.decides(word)
        assert ("ivr_out", [f"other.{word}"]) == (signed_in.state, signed_in.told)
        signed_in.says("signed_out", "reported")
        assert word == signed_in.state
    assert not job.says("moved").heard


def contract_only_a_manager_decides_moved_or_cancelled(job: Job) -> None:
    other(job.building())
    for word in ("moved", "cancelled", "go_on", "leave_open"):
        assert not job.says(word).heard

    assert "other.hold" == job.state


def the_report_keeps_why_the_job_was_left(job: Job) -> None:
    other(job.at_the_door())
    job.decides("leave_open")
    opened = job.talk.marks["other.opened"]
    job.until("9:40").says("other", "mistake")

    assert "report" == job.state
    assert opened == job.talk.marks["other.opened"]


# -- changing the case --------------------------------------------------------------------------


def contract_changing_the_case_keeps_the_photos_and_sends_a_correction(job: Job) -> None:
    no_show(job)
    job.says("other")
    assert ("other.what", ["no_show", "correction"]) == (job.state, job.mails)
    assert "no_show" in job.closed
    assert [("door", 1)] == job.photos
    job.back()

    assert ("other.what", ["back.cannot"]) == (job.state, job.told)


def contract_changing_the_case_before_the_mail_corrects_nothing(job: Job) -> None:
    job.on_the_way().until("9:00").says("no_show", "other")
    assert ("other.what", []) == (job.state, job.mails)
    job.back()

    assert "no_show.door_photo" == job.state


def contract_the_case_that_is_open_is_not_opened_again(job: Job) -> None:
    job.on_the_way().says("no_show")

    assert not job.says("no_show").heard


def a_branch_lies_on_the_main_line_and_never_on_a_branch(job: Job) -> None:
    job.building().says("app_issue", "other", "app_issue")

    assert 2 == len(job.talk.frames)
    assert ("app_issue.retry", "assemble") == (job.state, job.talk.under)


def the_menu_opens_without_moving(job: Job) -> None:
    job.until("8:00")
    while not job.engine.is_over(job.talk):
        state = job.state
        assert job.says("issue").heard
        assert (state, False) == (job.state, job.turn.entered)
        job.says(job.engine.choices(job.talk)["1"])


def a_talk_of_a_step_that_is_gone_is_an_error(job: Job) -> None:
    with pytest.raises(KeyError):
        job.engine.step(Talk([("apollo", "nowhere")]))
