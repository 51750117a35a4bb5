"""The texts as they leave: one segment on a phone, safe HTML in a chat, never an exception."""

import html
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.speech.gsm import BASIC, EXTENDED, ONE, segments, septets
from bot.speech.wording import LONGEST_CHAT, Message, Part, Unsaid, Wording, job_values
from bot.turns.alert_cards import answers_of
from bot.turns.alerts import TELLS_ONLY
from flows.book import APART, PROGRAMS, SIDES
from flows.effects import Alert, Ask
from flows.shape import Flow
from flows.texts import Sentence, languages, sentences
from tests.bot.samples import CONTACTS, JOB, MANAGER, MARKS, NOW, TECHNICIAN

LINES = tuple(program.line for program in PROGRAMS.values())
FLOWS: tuple[Flow, ...] = (*LINES, *SIDES.values(), *APART.values())
HANDED_IN = {
    "code": "27", "since": "11:22", "told_time": "12:45", "text": "", "due": "12:45",
    "done": "A", "codes": "1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15", "time": "12:45", "jobs": "B 114-8837265-291044312", "day": "Tue 11/24", "count": "12",
    "what": "", "choice": "l",
    "channel": "Telegram", "other": "Telegram", "who": "Bartholomews Dominguez",
    "kind": "photo_reused", "token": "W7QM", "status": "approved", "decided": "leave open",
    "answers": "27a 27c",
    "plan": "A 9:30, B 12:15", "first": "9:30a", "second": "9:30p", "before": "10:45 AM",
    "letters": "A, B, C", "example": "A 930", "digit": "1", "options": "A At the door or B Sent",
    "manager": "Bartholomews Dominguez", "manager_phone": "+15615550188", "until": "Mon Nov 30",
    "link": f"https://doorstep.example.org/f/{'k' * 32}",
    "amazon_app": "£165.50", "mila_app": "£152.50", "yours": "£132.50", "amazon_app_part": "£13.50",
    "mila_app_part": "£19.50", "owed": "12.4", "to_check": "1.2", "approved": "14.4",
    "lead": "T. Abernathy-Okonkwo", "lead_phone": "+15615550188", "taker": "Bartholomews",
    "helper": "Bartholomew Abernathy", "names": "Tim Okafor, Tom Okafor", "name": "TIM OKAFOR",
    "hours": "10:30 pm - 6:30 am", "lateness": "12 h 05",
    "people": "12", "summary": "12 of 12 reported, 12 left open, 12 cancelled or moved", "open": "12", "late": "12", "unplanned": "12", "reported": "12", "off": "12",
    "left_open": "12", "alerts": "12", "fees": "12",
    "entries": "114-8837265-291044312 no-show 1.2 to check\n+9",
}  # fmt: skip
"""What the sentences are handed in, as long as it gets; words that somebody typed come on top."""
TOLD = {"text": "won't sign <today>", "price": "$45, 1.5 units", "photos": "2"}
"""What a mail brings besides."""
SHEETS = {"join.done": 2, "card": 3, "for.mila.card": 3, "manager_menu": 3}
"""Allowed more than one segment (contract section 2: no prompt of a step; consent, card, menu)."""
NOT_SENT = (
    "mail.", "step.", "blank.", "command.", "reason.", "verdict.", "which.", "wish.", "amount.",
    "decision.", "matter.", "office.", "for.mila.paper.", "paper.",
)  # fmt: skip
ANSWERS_TO_MANAGERS = {
    "taken", "taken_whole", "taken_already", "call_me", "settled", "passed_on", "not_passed_on",
    "decided", "was_decided", "fee_decided", "fee_stands", "fee_own", "over", "over_whole", "was_decided_whole", "unknown", "needs_token",
    "none_open",
}  # fmt: skip
ABOUT_A_FEE = {
    "fee", "fee_disputed", "no_show_over", "not_delivered_left", "damaged_left",
    "missing_parts_left", "more_work_built",
}  # fmt: skip


def values_for(*, sms: bool, **changed: object) -> dict[str, str]:
    return {
        **job_values(JOB | changed, TECHNICIAN, MANAGER, CONTACTS, MARKS, NOW, sms=sms),
        **HANDED_IN,
    }


SMS, CHAT = values_for(sms=True), values_for(sms=False)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording.shipped(strict=True)


def prompts() -> dict[str, tuple[dict[str, str], str]]:
    """Every prompt's key with its choices and its place in the line."""
    found: dict[str, tuple[dict[str, str], str]] = {}
    for flow in FLOWS:
        for step in flow.steps:
            if not step.ends:
                number = f"{step.number}/{flow.length}" if step.number else ""
                for mark, name in (("", step.name), *step.variants):
                    choices = step.instead.get(mark, step.choices)
                    found[f"{flow.name}.{name}"] = ({**choices, **step.offers}, number)
                if step.timed:
                    found[f"time_of.{step.name}"] = ({"0": "unknown"}, number)
        for remind in flow.reminds:
            for order in remind.does:
                if isinstance(order, Ask) and order.choices:
                    found[order.key] = (dict(order.choices), "2/11")
    longest = max((program.menu for program in PROGRAMS.values()), key=len)
    menu = {**dict(longest), "0": "resume"}
    return found | {"issue": (menu, ""), "issue.inside": (menu, "")}


def alerts() -> dict[str, dict[str, str]]:
    """Every alert's key with its choices, under a code of two digits."""
    decided = {
        f"alert.{order.kind}": [letter for letter, _ in order.choices]
        for flow in FLOWS
        for does in (
            *(move.does for move in flow.moves),
            *(call.does for call in flow.calls),
            *(remind.does for remind in flow.reminds),
        )
        for order in does
        if isinstance(order, Alert)
    }
    found = {}
    for key in sentences("en"):
        family, _, kind = key.partition(".")
        if family == "alert" and kind and kind not in ANSWERS_TO_MANAGERS:
            money = kind in ABOUT_A_FEE
            letters = [*decided.get(key, []), *(["y", "n"] if money else [])]
            row = {
                "number": 27, "kind": kind, "token": "W7QM", "about_id": 1,
                "choices": json.dumps([[letter, letter] for letter in letters]),
                "fee_id": 1 if money else None, "acknowledged_by": "",
                "status": "told" if kind in TELLS_ONLY and not money else "open",
            }  # fmt: skip
            found[key] = dict(answers_of(row))
    return found


def prompt(key: str, values: Mapping[str, str], *before: str) -> Message:
    choices, number = prompts().get(key, ({}, ""))
    parts = tuple(Part(each, values) for each in before)
    return Message(
        parts, Part(key, values), tuple(choices.items()), "B", number, frozenset(range(len(before)))
    )


def alert(key: str, values: Mapping[str, str]) -> Message:
    return Message((), Part(key, values), tuple(alerts()[key].items()))


# ------------------------------------------------------------------------------- the budget


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", sorted(prompts()))
@pytest.mark.parametrize("lettered", [False, True])
def test_every_prompt_fits_one_segment(
    key: str, language: str, lettered: bool, wording: Wording
) -> None:
    text = wording.sms(prompt(key, SMS), language, lettered=lettered)

    assert 1 == segments(text), f"{septets(text)} {text}"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", sorted(alerts()))
def test_every_alert_fits_one_segment(key: str, language: str, wording: Wording) -> None:
    text = wording.sms(alert(key, SMS), language)

    assert 1 == segments(text), f"{septets(text)} {text}"


@pytest.mark.parametrize("language", languages())
def test_every_alert_has_a_few_words_for_lists(language: str) -> None:
    kinds = {key.split(".")[1] for key in alerts()}

    assert set() == {kind for kind in kinds if f"matter.{kind}" not in sentences(language)}


@pytest.mark.parametrize("language", languages())
def test_everything_else_that_is_said_fits_too(language: str, wording: Wording) -> None:
    long = {}
    for key, each in sentences(language).items():
        if key in prompts() or key in alerts() or key.startswith(NOT_SENT) or not each.sms:
            continue
        text = wording.sms(
            Message((Part(key, SMS),), prefix="" if key == "menu" else "B"), language
        )
        if segments(text) > SHEETS.get(key, 1):
            long[key] = text

    assert {} == long


def pairs() -> list[tuple[str, str]]:
    """What must be said together with the prompt that follows it."""
    line = [step.name for step in LINES[0].steps if step.number]
    missed = [(f"missed.{step}", f"apollo.{after}") for step, after in itertools.pairwise(line)]
    known = {key for key in sentences("en") if key.startswith("missed.")}
    return [
        *[(said, asked) for said, asked in missed if said in known],
        ("arrive.early", "apollo.start"),
        ("arrive.late", "apollo.start"),
        ("missed.eta", "apollo.start"),
        ("report.on_site", "apollo.report"),
        ("report.on_site", "apollo.selfie"),
        ("no_show.over", "apollo.report_unfinished"),
        ("no_show.over", "apollo.ivr_out"),
        ("no_show.wait_on", "no_show.expected"),
        ("app_issue.owing", "apollo.ivr_in"),
        ("app_issue.owing", "apollo.assemble"),
        ("app_issue.owing", "apollo.complete_owing"),
        ("app_issue.sent", "apollo.ivr_out"),
        ("other.leave_open", "apollo.report_unfinished"),
        ("other.half_hour", "apollo.report_unfinished"),
        ("other.go_on", "apollo.arrive"),
        ("not_delivered.left", "apollo.ivr_out"),
        ("not_delivered.left", "apollo.report_unfinished"),
        ("not_delivered.confirmed", "apollo.report_unfinished"),
        ("not_delivered.go_on", "apollo.assemble"),
        ("damage.photo_first", "damaged.photos"),
        ("damage.left", "apollo.ivr_out"),
        ("damage.left", "apollo.report_unfinished"),
        ("damaged_during.half_hour", "damaged_during.hold"),
        ("damaged_during.half_hour", "damaged_during.call_office"),
        ("damaged_during.go_on", "apollo.complete"),
        ("damaged_during.left", "apollo.ivr_out"),
        ("damaged_during.left", "apollo.report_unfinished"),
        ("more_work.refused", "apollo.assemble"),
        ("more_work.declined", "apollo.complete"),
        ("late.go", "apollo.eta"),
        ("late.told", "apollo.arrive"),
        ("late.stop", "apollo.arrive"),
    ]


@pytest.mark.parametrize(("said", "asked"), pairs())
def test_what_must_be_said_and_the_prompt_after_it_fit_two(
    said: str, asked: str, wording: Wording
) -> None:
    text = wording.sms(prompt(asked, SMS, said))

    assert segments(text) <= 2, f"{septets(text)} {text}"


def test_a_normal_days_line_costs_eleven_segments(wording: Wording) -> None:
    """Of the 16 that a job may cost, the prompts themselves take one each."""
    line = [f"apollo.{step.name}" for step in LINES[0].steps if step.number]

    assert 11 == sum(segments(wording.sms(prompt(key, SMS))) for key in line)


# ------------------------------------------------------------------------------- on a phone


def test_a_text_opens_with_its_job_then_says_then_asks(wording: Wording) -> None:
    text = wording.sms(prompt("apollo.start", SMS, "arrive.early"))

    said, asked, choices = text.splitlines()
    assert said == "B You are early: the visit is not before 11:00."
    assert asked.startswith(
        "3/11 Press Start Job in the Amazon app, then accept: that uploads the job."
    )
    assert choices == "1 Started 2 Problem 3 Not started"


def test_the_choices_of_another_job_carry_its_letter(wording: Wording) -> None:
    text = wording.sms(prompt("apollo.start", SMS), lettered=True)

    assert text.endswith("B1 Started B2 Problem B3 Not started")


def test_what_need_not_be_said_gives_way_to_what_must(wording: Wording) -> None:
    said = (Part("app_issue.sent", SMS), Part("no_show.over", SMS), Part("no_show.appeared", SMS))
    asked = Part("apollo.report_unfinished", SMS)
    text = wording.sms(Message(said, asked, (("1", "reported"),), "B", "11/11", frozenset({1})))

    assert "may leave" in text
    assert "Form sent" not in text
    assert "On with the job" not in text


def test_what_need_not_be_said_is_said_where_there_is_room(wording: Wording) -> None:
    said = (Part("back.done"), Part("photo.kept"))
    text = wording.sms(
        Message(said, Part("apollo.ivr_in", SMS), (("1", "signed_in"),), "B", "4/11")
    )

    assert text.startswith("B One step back.\nPhoto kept.")
    assert 1 == segments(text)


def test_only_the_last_of_them_are_left_out(wording: Wording) -> None:
    said = (Part("back.done"), Part("no_show.over", SMS))
    text = wording.sms(Message(said, Part("apollo.eta", SMS), (), "B", "1/11"))

    assert text.startswith("B One step back.\n1/11 ")


def test_a_text_of_statements_alone_is_never_left_empty(wording: Wording) -> None:
    sheet = (Part("day_sheet.morning", SMS), *[Part("day_sheet.line", SMS)] * 4)
    text = wording.sms(Message(sheet))

    assert 5 == len(text.splitlines())


def test_a_choice_that_the_sentence_names_is_not_named_again(wording: Wording) -> None:
    text = wording.sms(Message((), Part("which", SMS), (("A", "A"), ("B", "B"))))

    assert text == 'Which job is "1" for: A At the door or B Sent? Text its letter.'


@pytest.mark.parametrize("key", sorted({*prompts(), *alerts()}))
def test_names_from_all_over_the_world_leave_it_gsm_7(key: str, wording: Wording) -> None:
    values = values_for(
        sms=True, customer="Ðorđe Íñigo–Łuk “X” 👍", street="Ž 12…", product="Bücher—Regal"
    )
    text = wording.sms(alert(key, values) if key in alerts() else prompt(key, values))

    assert set() == set(text) - BASIC - EXTENDED
    assert septets(text) <= ONE


def test_the_words_of_a_technician_may_be_long(wording: Wording) -> None:
    values = SMS | {"text": "the customer won't let me in, says wrong day, dog in the yard " * 2}

    assert segments(wording.sms(alert("alert.other", values))) <= 2


def test_nothing_is_longer_than_a_provider_takes(wording: Wording) -> None:
    text = wording.sms(Message((Part("managers_word", {"manager": "Dana", "text": "x" * 5000}),)))

    assert len(text) <= 1600
    assert text.endswith("...")


# ------------------------------------------------------------------------------- in a chat


@pytest.mark.parametrize("language", languages())
def test_every_sentence_can_be_said_in_a_chat(language: str, wording: Wording) -> None:
    for key, each in sentences(language).items():
        if each.chat and not key.startswith(NOT_SENT):
            text, _ = wording.chat(Message((Part(key, CHAT),)), language)
            assert text
            assert "{" not in text, key
            assert len(text) < 1500, key


def test_what_people_are_called_is_escaped(wording: Wording) -> None:
    values = CHAT | {"customer": "R&D <Tom>", "address": '1 "A" St', "map": 'https://x/?q="><b>'}
    text, _ = wording.chat(prompt("apollo.arrive", values))

    assert "R&amp;D &lt;Tom&gt;" in text
    assert 'href="https://x/?q=&quot;&gt;&lt;b&gt;"' in text
    assert "<Tom>" not in text


def test_a_chat_shows_the_job_the_place_and_buttons(wording: Wording) -> None:
    text, buttons = wording.chat(prompt("apollo.ivr_in", CHAT, "missed.start"))

    assert text.splitlines()[0] == "<b>B · 4/11</b>"
    assert text.endswith("📞 Sign in on the IVR: <b>800-484-0254</b>.")
    assert buttons[0] == ("✅ Signed in", "1", "signed_in")
    assert [digit for _, digit, _ in buttons] == ["1", "2", "3"]


def test_a_button_without_a_longer_label_has_the_short_one(wording: Wording) -> None:
    _, buttons = wording.chat(prompt("time_of.arrive", CHAT))

    assert buttons == [("Don't know", "0", "unknown")]


def test_an_alerts_buttons_say_what_its_letters_mean(wording: Wording) -> None:
    _, buttons = wording.chat(alert("alert.late_outside", CHAT))

    assert buttons[0] == ("👍 Go, I settle it", "27y", "y")
    assert buttons[2] == ("🙋 I take it", "27a", "a")


@pytest.mark.parametrize("text", ["x" * 5000, "👍" * 5000, "&" * 5000, "<b>" * 2000])
def test_a_chat_message_is_never_too_long(text: str, wording: Wording) -> None:
    said = tuple(Part("managers_word", {"manager": "Dana", "text": text}) for _ in range(8))
    sent, _ = wording.chat(Message(said, prefix="B"))
    shown = html.unescape(re.sub("<[^>]+>", "", sent))

    assert len(shown.encode("utf-16-le")) // 2 <= LONGEST_CHAT
    assert shown.startswith("B\n💬 Dana: ")


# ------------------------------------------------------------------------------- mails


@pytest.mark.parametrize("key", sorted(key for key in sentences("en") if key.startswith("mail.")))
def test_a_mail_is_filled(key: str, wording: Wording) -> None:
    subject, body = wording.sentence(key).fill(CHAT | TOLD)
    fields = dict(line.split(": ", 1) for line in body.rpartition("\n\n")[2].splitlines())

    if key == "mail.more_work":
        assert "More Work than Scoped" == subject
    else:
        assert JOB["number"] in subject
        assert JOB["shift"] in subject or key == "mail.proof"
    assert fields["Work order"] == JOB["number"]
    assert fields["Customer"] == JOB["customer"]
    assert "?" not in subject + body
    assert "&lt;" not in body


# ------------------------------------------------------------------------------- what is not known


def test_a_state_is_named_in_words(wording: Wording) -> None:
    assert wording.sms(Message((Part("stale", SMS),))).endswith(
        "you are at: no-show, call customer service."
    )


def test_a_reason_is_the_branchs_own(wording: Wording) -> None:
    other = SMS | {"case": "other", "said_decision": "moved", "other_photo_time": "11:20"}
    marks = MARKS | {
        "not_delivered.opened": NOW, "not_delivered.partly": NOW, "not_delivered.call_dm": NOW,
    }  # fmt: skip
    partly = job_values(JOB, TECHNICIAN, MANAGER, CONTACTS, marks, NOW, sms=True)

    assert "NO-SHOW, door photo 11:11, office called 11:12" in wording.sms(
        prompt("apollo.report_unfinished", SMS)
    )
    assert "NOTHING TO BUILD, partly delivered, DM told 11:44" in wording.sms(
        prompt("apollo.report_unfinished", partly)
    )
    assert "STOPPED, moved, office mailed 11:20" in wording.sms(
        prompt("apollo.report_unfinished", other)
    )


def test_who_has_no_manager_reads_your_manager(wording: Wording) -> None:
    alone = job_values(JOB, TECHNICIAN, None, CONTACTS, MARKS, NOW, sms=True)

    assert (
        wording.sms(Message((Part("other.go_on", alone),)))
        == "Your manager says go on with the job."
    )


def test_a_missing_value_is_a_question_mark_and_fails_tests(wording: Wording) -> None:
    message = prompt("apollo.ivr_in", {})

    assert "call ?." in Wording.shipped().sms(message)
    assert "<b>?</b>" in Wording.shipped().chat(message)[0]
    with pytest.raises(Unsaid, match="ivr_phone"):
        wording.sms(message)


def test_a_missing_sentence_or_label_is_still_a_text_and_fails_tests(wording: Wording) -> None:
    message = Message((), Part("apollo.nowhere"), (("1", "go_there"),))

    assert "(apollo.nowhere)\n1 Go there" == Wording.shipped().sms(message)
    with pytest.raises(Unsaid, match=r"apollo\.nowhere"):
        wording.sms(message)
    with pytest.raises(Unsaid, match="go_there"):
        wording.sms(replace(message, ask=Part("apollo.start")))


def test_a_language_that_nobody_has_written_is_english(wording: Wording) -> None:
    assert wording.sms(Message((Part("back.done"),)), "tlh") == "One step back."


def test_another_language_says_its_own_and_english_where_it_is_silent() -> None:
    wording = Wording(
        {"en": sentences("en"), "es": {"back.done": Sentence("Un paso atrás.", "↩️ Un paso atrás.")}}
    )

    assert wording.sms(Message((Part("back.done"),)), "es") == "Un paso atras."
    assert wording.chat(Message((Part("back.done"),)), "es")[0] == "↩️ Un paso atrás."
    assert wording.sms(Message((Part("photo.more"),)), "es") == "Photo added."


def test_the_samples_times_are_long() -> None:
    """As long as a time gets, so that the budgets are honest."""
    assert 5 == len(SMS["thirty_end"]) == len(SMS["in_time"]) == len(SMS["now"])
