"""Conversations along the main line: the eleven steps, told late, BACK, DONE n, reminders."""

from flows.effects import Ask, Hush
from tests.flows.job import Job, at

ORDER = [
    "eta", "arrive", "start", "ivr_in", "assemble", "complete", "signature", "selfie", "cleared",
    "ivr_out", "report", "reported",
]  # fmt: skip


def a09_the_steps_come_in_their_order_and_one_is_forward(job: Job) -> None:
    job.until("8:00")
    walked = [job.state]
    while not job.engine.is_over(job.talk):
        job.says(job.engine.choices(job.talk)["1"])
        walked.append(job.state)

    assert ORDER == walked


def a09_a_later_step_cannot_be_said_before_its_time(job: Job) -> None:
    job.until("8:00")
    for word in ("there", "started", "signed_in", "built", "completed", "signed", "gone"):
        if word != "there":
            assert not job.says(word).heard

    assert "eta" == job.state


def a10_the_day_begins_at_the_eta_and_asks_for_nothing_yet(job: Job) -> None:
    job.until("6:59")
    assert "planned" == job.state
    job.until("7:00")

    assert "eta" == job.state
    assert any(isinstance(effect, Hush) for effect in job.effects)


def a10_the_eta_comes_before_anything_is_said_to_be_started(job: Job) -> None:
    job.until("8:00")

    assert {"sent", "issue", "missed"} == job.choices
    job.says("sent")
    assert {"there", "issue", "late", "missed"} == job.choices


def a10_the_eta_is_asked_for_until_it_is_confirmed(job: Job) -> None:
    job.until("8:05")
    assert [
        ("7:00", "apollo.day"),
        ("7:45", "apollo.eta_75"),
        ("8:00", "apollo.eta_60"),
    ] == job.rang
    assert {"apollo.eta_50", "apollo.eta_40", "apollo.eta_missing"} <= set(job.dues)

    job.says("sent")
    assert not {"apollo.eta_50", "apollo.eta_40", "apollo.eta_missing"} & set(job.dues)


def a10_an_eta_that_is_not_confirmed_is_told_to_the_dm(job: Job) -> None:
    job.until("8:29")
    assert [] == job.alerts
    job.until("8:30")

    assert ["eta_missing"] == job.alerts
    job.says("sent")
    assert {"eta_missing", "send_eta"} == job.closed


def a10_at_the_door_without_an_eta_goes_on_and_keeps_it_missed(job: Job) -> None:
    job.until("9:10").says("there")

    assert "start" == job.state
    assert ["eta_missing", "step_missed"] == job.alerts
    assert ["missed.eta"] == job.told
    assert "eta" not in job.talk.marks
    assert at("9:10") == job.talk.marks["arrive"] == job.talk.marks["missed_eta"]


def a13_without_an_eta_early_and_late_are_said_all_the_same(job: Job) -> None:
    early = Job()
    early.until("7:50").says("there")
    assert ["arrive.early", "missed.eta"] == early.told

    job.until("11:05").says("there")
    assert ["arrive.late", "missed.eta"] == job.told
    assert ["arrived_late", "step_missed"] == job.alerts[-2:]


def a13_early_is_said(job: Job) -> None:
    job.until("7:30").says("sent", "there")

    assert ["arrive.early"] == job.told
    assert [] == job.alerts


def a13_late_is_told_to_the_managers_and_never_to_the_customer(job: Job) -> None:
    job.on_the_way().until("11:01").says("there")

    assert "start" == job.state
    assert ["arrive.late"] == job.told
    assert ["not_arrived", "arrived_late"] == job.alerts
    assert [] == job.mails


def a13_on_time_to_the_minute_is_on_time(job: Job) -> None:
    job.on_the_way().until("11:00").says("there")

    assert [] == job.told
    assert {"eta_missing", "not_arrived", "late_outside", "send_eta"} == job.closed


def a19_a_copy_of_the_selfie_or_a_word_is_enough(job: Job) -> None:
    job.to_be_signed().says("signed")
    job.sends_photo()
    assert "cleared" == job.state
    assert [("selfie", 1)] == job.photos

    word = Job()
    word.to_be_signed().says("signed", "sent")
    assert "cleared" == word.state


def a20_two_selfies_in_all_then_the_paper_form(job: Job) -> None:
    job.to_be_signed().says("signed")
    assert "apollo.selfie" == job.prompt
    job.says("sent", "still_there")
    assert ("selfie", "apollo.selfie_again") == (job.state, job.prompt)
    job.says("sent", "still_there")
    assert "app_issue.form" == job.state
    job.says("filled")
    job.sends_photo()

    assert "ivr_out" == job.state
    assert ["manual_pos"] == job.mails
    assert at("10:00") == job.talk.marks["done"]
    job.says("signed_out")
    assert "apollo.report_paper" == job.prompt


def a20_it_works_after_all_goes_back_to_the_list(job: Job) -> None:
    job.to_be_signed().says("signed", "sent", "still_there", "sent", "still_there", "works")

    assert "cleared" == job.state
    job.says("gone")
    assert "ivr_out" == job.state


def a21_to_a23_out_of_the_ivr_and_reported(job: Job) -> None:
    job.to_be_signed().says("signed", "sent", "gone", "signed_out", "reported")

    assert "reported" == job.state
    assert {} == job.dues
    assert not job.says("reported").heard
    assert not job.ends("cancelled").heard


def contract_each_step_but_signature_and_report_may_be_missed(job: Job) -> None:
    job.until("8:00")
    missed = []
    while not job.engine.is_over(job.talk):
        state = job.state
        if "missed" in job.choices:
            job.says("missed")
            assert [f"missed.{state}"] == job.told
            assert f"missed_{state}" in job.talk.marks
            missed.append(state)
        else:
            assert not job.says("missed").heard
            job.says(job.engine.choices(job.talk)["1"])

    assert [step for step in ORDER[:-1] if step not in ("signature", "report")] == missed
    assert len(missed) == job.alerts.count("step_missed")
    assert {"eta", "start", "ivr_in"}.isdisjoint(job.talk.marks)


def contract_missed_is_not_undone_since_the_dm_was_told(job: Job) -> None:
    job.until("8:00").says("missed")
    job.back()

    assert "arrive" == job.state
    assert ["back.cannot"] == job.told


# -- told late ----------------------------------------------------------------------------------


def contract_more_than_thirty_minutes_late_is_marked_and_told(job: Job) -> None:
    job.on_the_way().until("9:31").says("there", when="9:00")

    assert ["told_late"] == job.alerts
    line = job.logged[-1]
    assert ("there", at("9:00"), at("9:31")) == (line.event, line.at, line.told_at)
    assert {"told_late": True} == line.detail
    assert at("9:00") == job.talk.marks["arrive"]


def contract_thirty_minutes_late_is_still_in_time(job: Job) -> None:
    job.on_the_way().until("9:30").says("there", when="9:00")

    assert [] == job.alerts
    assert {} == job.logged[-1].detail


def contract_told_late_cannot_be_taken_back(job: Job) -> None:
    job.on_the_way().until("9:40").says("there", when="9:00")
    job.back()

    assert ["back.cannot"] == job.told


def a13_told_late_but_in_time_is_no_late_arrival(job: Job) -> None:
    job.on_the_way().until("11:20").says("there", when="10:50")

    assert ["not_arrived"] == job.alerts
    late = Job()
    late.on_the_way().until("11:50").says("there", when="11:10")
    assert ["not_arrived", "told_late", "arrived_late"] == late.alerts


# -- BACK ---------------------------------------------------------------------------------------


def back_undoes_the_last_steps_one_at_a_time(job: Job) -> None:
    job.building()
    job.back()
    assert ("ivr_in", ["back.done"]) == (job.state, job.told)
    assert "ivr_in" not in job.talk.marks
    job.back()
    assert "start" == job.state
    job.back()
    assert "arrive" == job.state
    job.back()

    assert ("arrive", ["back.cannot"]) == (job.state, job.told)


def back_does_not_undo_what_was_mailed(job: Job) -> None:
    job.at_the_door().says("no_show")
    job.sends_photo()
    job.back()
    assert ("no_show.call_office", ["back.cannot"]) == (job.state, job.told)

    job.says("called")
    job.back()
    assert "no_show.call_office" == job.state


def back_leaves_a_branch_that_told_nobody(job: Job) -> None:
    job.at_the_door().says("no_show")
    job.back()

    assert "start" == job.state


def back_restores_the_plan_that_late_changed(job: Job) -> None:
    job.on_the_way().until("8:30").says("late")
    job.tells("10:15")
    assert ("eta", at("10:15")) == (job.state, job.facts.planned_arrival)
    job.back()

    assert ("late.when", at("9:00")) == (job.state, job.facts.planned_arrival)


def back_does_not_undo_a_managers_decision(job: Job) -> None:
    job.on_the_way().until("10:00").says("late")
    job.tells("11:30")
    job.decides("late_go")
    job.back()

    assert ("eta", ["back.cannot"]) == (job.state, job.told)


def back_has_nothing_to_undo_before_the_day(job: Job) -> None:
    job.back()

    assert ("planned", ["back.cannot"]) == (job.state, job.told)


# -- DONE n -------------------------------------------------------------------------------------


def done_asks_only_for_times_one_at_a_time(job: Job) -> None:
    job.on_the_way().until("10:00").done(7)
    assert ("selfie", ["arrive", "ivr_in"]) == (job.state, job.talk.untold)
    assert ("time_of.arrive", "time", {"unknown"}) == (
        job.prompt,
        job.engine.waits_for(job.talk),
        job.choices,
    )
    job.tells("9:40")
    assert "time_of.ivr_in" == job.prompt
    job.tells("9:45")

    assert "apollo.selfie" == job.prompt
    assert (at("9:40"), at("9:45")) == (job.talk.marks["arrive"], job.talk.marks["ivr_in"])
    assert [] == job.alerts
    times = [(line.event, line.at) for line in job.logged if line.event in ("there", "signed_in")]
    assert [("there", at("9:40")), ("signed_in", at("9:45"))] == times


def done_stops_at_the_selfie_for_its_copy_and_then_goes_on(job: Job) -> None:
    job.to_be_signed().done(9)
    assert ("selfie", "apollo.selfie") == (job.state, job.prompt)
    job.sends_photo()

    assert "ivr_out" == job.state
    assert [("selfie", 1)] == job.photos
    word = Job()
    word.to_be_signed().done(9)
    word.says("sent")
    assert "ivr_out" == word.state


def done_at_the_selfie_itself_is_a_word_and_enough(job: Job) -> None:
    job.to_be_signed().says("signed")
    job.done(8)

    assert "cleared" == job.state


def done_goes_no_further_when_the_selfie_turns_into_a_problem(job: Job) -> None:
    job.to_be_signed().done(10)
    job.says("app_issue")
    assert "app_issue.retry" == job.state
    job.says("works")
    assert "selfie" == job.state
    job.says("sent")

    assert "cleared" == job.state


def done_does_not_report_before_the_times_are_told(job: Job) -> None:
    job.to_be_signed().says("signed", "sent", "gone")
    job.done(11)
    assert ("report", "time_of.ivr_out") == (job.state, job.prompt)
    job.says("unknown")
    assert "apollo.report" == job.prompt
    assert {"time": "unknown"} == job.logged[-1].detail
    job.done(11)

    assert "reported" == job.state


def done_says_late_where_the_told_time_is_late(job: Job) -> None:
    job.on_the_way().until("12:00").done(2)
    job.tells("11:15")

    assert ["not_arrived", "told_late", "arrived_late"] == job.alerts
    job.back()
    assert ["back.cannot"] == job.told


def done_is_undone_as_a_whole_and_a_told_time_by_itself(job: Job) -> None:
    job.on_the_way().until("9:20").done(4)
    job.tells("9:00")
    job.back()
    assert "time_of.arrive" == job.prompt
    job.back()

    assert ("arrive", "apollo.arrive") == (job.state, job.prompt)


def done_means_nothing_behind_in_a_branch_or_before_the_day(job: Job) -> None:
    assert not job.done(3).heard
    job.building()
    assert not job.done(4).heard
    job.says("other")
    assert not job.done(7).heard


def done_asks_again_where_it_cannot_go_on(job: Job) -> None:
    job.to_be_signed().says("signed", "sent", "gone")
    job.done(11)
    job.done(11)

    assert ("report", [""]) == (job.state, job.asked)


def a_time_that_is_missing_waits_while_a_branch_is_open(job: Job) -> None:
    job.on_the_way().until("9:10").done(2)
    assert "time_of.arrive" == job.prompt
    job.says("no_show")
    assert ("no_show.door_photo", "photo") == (job.prompt, job.engine.waits_for(job.talk))
    job.says("mistake")

    assert "time_of.arrive" == job.prompt


# -- photos -------------------------------------------------------------------------------------


def a_photo_nobody_asked_for_is_kept_and_offered_where_one_is_needed(job: Job) -> None:
    job.at_the_door().sends_photo()
    assert (["photo.kept"], [("other", 1)]) == (job.told, job.photos)
    job.says("no_show")
    assert "use_photo" in job.choices
    job.says("use_photo")

    assert "no_show.call_office" == job.state
    assert ("door", 1) == job.photos[-1]
    assert [] == job.talk.spare


def use_photo_means_nothing_without_one(job: Job) -> None:
    job.at_the_door().says("no_show")

    assert "use_photo" not in job.choices
    assert not job.says("use_photo").heard


def an_album_advances_once(job: Job) -> None:
    job.at_the_door().says("no_show")
    for _ in range(3):
        job.sends_photo("album")

    assert "no_show.call_office" == job.state
    assert [("door", 1), ("", 2), ("", 3)] == job.photos
    assert 1 == job.mails.count("no_show")


def an_album_nobody_asked_for_is_said_to_be_kept_once(job: Job) -> None:
    job.at_the_door()
    told = []
    for _ in range(3):
        job.sends_photo("album")
        told += job.told

    assert ["photo.kept"] == told
    assert [1, 2, 3] == job.talk.spare


# -- reminders ----------------------------------------------------------------------------------


def contract_6_where_are_you(job: Job) -> None:
    job.on_the_way()
    assert {"apollo.where": "9:10", "apollo.not_arrived": "10:45"} == job.dues
    job.until("9:10")
    assert ["apollo.where"] == job.asked
    job.until("10:45")

    assert ["apollo.where"] == job.asked
    assert ["not_arrived"] == job.alerts


def contract_6_there_can_be_answered_where_it_asks(job: Job) -> None:
    job.until("9:10")
    assert ["apollo.where"] == job.asked
    job.says("issue")
    assert "eta" == job.state
    job.says("late")
    assert "late.when" == job.state


def contract_6_not_started(job: Job) -> None:
    job.at_the_door()
    assert {"apollo.not_started": "9:10", "apollo.not_started_alert": "9:40"} == job.dues
    job.until("9:40")

    assert ["not_started"] == job.alerts
    job.says("started")
    assert {"not_started"} == job.closed


def who_has_started_and_does_not_sign_in_is_asked_then_told_of(job: Job) -> None:
    job.at_the_door().says("started")
    assert {"apollo.not_signed_in": "9:10", "apollo.not_signed_in_alert": "9:40"} == job.dues
    job.until("9:40")

    assert ["silent"] == job.alerts


def contract_6_not_started_counts_from_the_last_problem(job: Job) -> None:
    job.at_the_door().until("9:05").says("other")
    job.writes("the stairs are blocked")
    job.until("9:06").says("no_photo")
    job.until("9:30").decides("go_on")

    assert {"apollo.not_started": "9:40", "apollo.not_started_alert": "10:10"} == job.dues


def contract_6_silent_beyond_the_expected_minutes(job: Job) -> None:
    job.building()
    assert {"apollo.silent": "10:05", "apollo.silent_alert": "10:35"} == job.dues
    job.until("10:20").sends_photo()
    assert {"apollo.silent": "11:20", "apollo.silent_alert": "11:50"} == job.dues
    job.until("11:50")

    assert ["silent"] == job.alerts


def contract_6_only_the_technician_breaks_the_silence(job: Job) -> None:
    job.building().until("9:30").decides("go_on")

    assert at("9:05") == job.talk.marks["heard"]


def contract_6_unreported(job: Job) -> None:
    job.to_be_signed()
    assert {"apollo.unreported": "10:20", "apollo.unreported_alert": "11:00"} == job.dues
    job.until("10:20")
    assert (["report.on_site"], [""]) == (job.told, job.asked)
    job.until("11:00")

    assert ["unreported"] == job.alerts
    job.says("signed", "sent", "gone", "signed_out", "reported")
    assert {"unreported"} == job.closed


def contract_6_unreported_rings_in_a_branch_and_asks_the_branchs_own_step(job: Job) -> None:
    job.to_be_signed().until("10:10").says("app_issue")
    job.until("10:20")
    assert ("app_issue.retry", ["report.on_site"], [""]) == (job.state, job.told, job.asked)
    job.until("11:00")

    assert ["unreported"] == job.alerts


def contract_6_a_question_of_the_main_line_is_not_asked_in_a_branch(job: Job) -> None:
    job.on_the_way().until("10:40").says("late")
    job.until("10:45")

    assert ("late.when", [""]) == (job.state, job.asked)
    assert ["not_arrived"] == job.alerts


def p6_a_reminder_found_late_is_said_once_and_never_after_the_arrival(job: Job) -> None:
    job.until("7:00").down_until("8:25")
    assert 1 == job.effects.count(Ask())
    asked = [name for _, name in job.rang if name.startswith("apollo.eta_")]
    assert ["apollo.eta_75", "apollo.eta_60", "apollo.eta_50", "apollo.eta_40"] == asked

    later = Job()
    later.until("7:00").down_until("9:05")
    assert ["eta_missing"] == later.alerts
    assert 0 == later.effects.count(Ask())


def p6_a_moment_that_is_over_when_its_step_begins_does_not_ring(job: Job) -> None:
    late = Job(planned="8:10")
    late.until("7:05")
    assert [("7:00", "apollo.day")] == late.rang
    late.until("7:25").says("sent")
    late.until("7:35").back()
    assert {"7:40", "8:20", "10:45"} == set(late.dues.values())
    job.on_the_way().until("10:50").says("late")
    job.says("not_late")
    assert {} == job.dues


def a_day_that_has_begun_rings_at_once(job: Job) -> None:
    job.down_until("8:20")

    assert "eta" == job.state


# -- ended from outside -------------------------------------------------------------------------


def contract_ended_from_outside_closes_the_whole_stack(job: Job) -> None:
    for state in ("closed_by_office", "cancelled", "moved", "reassigned"):
        open_job = Job()
        open_job.at_the_door().says("no_show")
        open_job.sends_photo()
        open_job.ends(state)
        assert (state, [f"ended.{state}"], {}) == (open_job.state, open_job.told, open_job.dues)
        assert open_job.turn.entered

    assert not job.ends("reported").heard
    assert not job.ends("somewhere").heard


def a45_a_job_left_open_is_closed_by_the_office(job: Job) -> None:
    job.at_the_door().says("other")
    job.writes("they refuse")
    job.says("no_photo")
    job.decides("leave_open")
    job.says("reported")
    assert "left_open" == job.state
    assert not job.says("reported").heard
    job.ends("closed_by_office")

    assert "closed_by_office" == job.state


def contract_a_same_day_return_goes_back_to_start(job: Job) -> None:
    job.building().says("other")
    job.writes("they have to go")
    job.says("no_photo")
    job.decides("leave_open")
    job.says("signed_out", "reported")
    assert "left_open" == job.state
    job.until("10:30").says("returned")
    assert ("start", "apollo.start") == (job.state, job.prompt)
    assert {"apollo.not_started": "10:40", "apollo.not_started_alert": "11:10"} == job.dues
    job.says("started", "signed_in", "built", "completed", "signed", "sent", "gone", "signed_out")
    assert "apollo.report" == job.prompt
    job.says("reported")

    assert "reported" == job.state
