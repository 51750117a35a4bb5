"""Every sentence in every language: it is there, it is plain, it asks for no reserved word."""

import re
from html.parser import HTMLParser

import pytest

from bot.speech.gsm import BASIC, EXTENDED
from bot.speech.naming import JOB_VALUES, PERSON_VALUES, mark_value
from flows.book import APART, PROGRAMS, SIDES
from flows.check import broken, needed_sentences
from flows.effects import Alert, Ask, Effect, MailOffice
from flows.shape import Flow
from flows.texts import Sentence, languages, placeholders, sentences
from flows.words import RESERVED

FLOWS: tuple[Flow, ...] = (
    *(program.line for program in PROGRAMS.values()),
    *SIDES.values(),
    *APART.values(),
)
ORDERS: list[Effect] = [
    effect
    for flow in FLOWS
    for does in (
        *(move.does for move in flow.moves),
        *(call.does for call in flow.calls),
        *(remind.does for remind in flow.reminds),
    )
    for effect in does
]
MARK_VALUES = {
    mark_value(mark)
    for flow in FLOWS
    for step in flow.steps
    for mark in (step.name, f"{flow.name}.{step.name}", f"{flow.name}.told")
} | {"heard_time", "done_time"}
CONTACTS = {name for program in PROGRAMS.values() for name in program.contacts}
CONTACTS |= {"office_now", "office_opens", "office_closes"}
"""What the program brings, and whether its office can be called now."""
SAID_TO_A_PERSON = {
    "day_sheet.evening", "day_sheet.morning", "day_sheet.ask", "plan.noted", "time.unread",
    "time.either", "time.future", "today.none", "day_over", "menu", "numbers", "card",
    "manager.ask", "manager.sent", "manager.nobody", "out.done", "out.none", "not_understood",
    "nothing_open", "which", "edited", "sticker", "contact_refused", "too_long", "absent",
    "not_yours", "managers_word", "relay.call_manager", "photo.kept", "photo.coming", "photo.lost",
    "photo.unreadable", "photo.too_big", "photo.more", "back.done", "back.cannot", "done_of_untold",
    "late_notice", "opted_out", "join.done", "join.bad", "join.taken", "stranger", "flag.day_flag",
    "flag.day_end", "alert.out", "alert.message", "alert.day_flag", "alert.day_end",
    "alert.no_manifest", "alert.opted_out", "alert.opted_out_here", "alert.opted_in",
    "alert.unreachable", "alert.switched", "alert.mail_waiting",
    "alert.skipped_rows", "alert.manifest_missing_rows", "alert.no_one",
    "alert.channel_down", "alert.taken",
    "alert.taken_already", "alert.call_me", "alert.unknown", "alert.needs_token", "alert.none_open",
    "desk.link", "desk.no_address", "alert.setup_stuck", "alert.not_approved",
    *(key for key in sentences("en") if key.startswith(("onboarding.", "practice."))),
}  # fmt: skip
"""About no job: only what is known of a person may be named."""
SUBJECT_OF_MORE_WORK = "More Work than Scoped"
"""Exactly this and nothing else (A60); the order stands in the body."""
MAY_NAME_RESERVED_WORDS = {
    "join.done",
    "event.opted_out",
    "opted_out",
    "alert.opted_out",
    "alert.opted_out_here",
}
"""How to stop, and how to undo it (S9)."""


@pytest.fixture(params=languages())
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def known(language: str) -> dict[str, Sentence]:
    return dict(sentences(language))


def spoken(known: dict[str, Sentence]) -> dict[str, Sentence]:
    """Those that are sent to a phone: no mails, no tables of labels."""
    return {key: each for key, each in known.items() if not key.startswith("mail.") and each.sms}


def test_there_is_english() -> None:
    assert "en" in languages()


def test_a_language_that_nobody_has_written_is_refused() -> None:
    with pytest.raises(KeyError):
        sentences("tlh")


def test_the_tables_have_all_their_sentences() -> None:
    assert [] == broken(PROGRAMS, SIDES, {each: sentences(each) for each in languages()}, APART)
    assert needed_sentences(PROGRAMS, SIDES, APART)


def test_every_language_says_the_same_keys(known: dict[str, Sentence]) -> None:
    assert sorted(sentences("en")) == sorted(known)


def test_every_sentence_has_both_forms(known: dict[str, Sentence]) -> None:
    labels_only = {"alert"}

    assert [] == [
        key
        for key, each in known.items()
        if key not in labels_only and not (each.sms and each.chat)
    ]


def test_every_alert_and_every_mail_of_the_tables_has_its_words(known: dict[str, Sentence]) -> None:
    wanted = {f"alert.{order.kind}" for order in ORDERS if isinstance(order, Alert)}
    wanted |= {f"mail.{order.case}" for order in ORDERS if isinstance(order, MailOffice)}
    wanted |= {"mail.correction"}

    assert set() == wanted - set(known)


def test_every_state_has_a_name(known: dict[str, Sentence]) -> None:
    lines = {program.line.name for program in PROGRAMS.values()}
    states = {
        f"step.{step.name}" if flow.name in lines else f"step.{flow.name}.{step.name}"
        for flow in FLOWS
        for step in flow.steps
        if flow.name in lines or not step.ends
    }

    assert set() == states - set(known)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_choice_of_a_step_has_a_label(flow: Flow, known: dict[str, Sentence]) -> None:
    asked = {
        f"{flow.name}.{name}": {**step.instead.get(mark, step.choices), **step.offers}
        for step in flow.steps
        if not step.ends
        for mark, name in (("", step.name), *step.variants)
    }
    asked |= {
        order.key: dict(order.choices)
        for order in ORDERS
        if isinstance(order, Ask) and order.key and order.choices
    }

    assert [] == [
        (key, word)
        for key, choices in asked.items()
        for word in choices.values()
        if word not in known[key].choices
    ]


def test_the_menu_labels_each_of_its_words(known: dict[str, Sentence]) -> None:
    words = {word for program in PROGRAMS.values() for _, word in program.menu} | {"resume"}

    assert set() == words - set(known["issue"].choices)
    assert set() == words - set(known["issue"].buttons)


def test_a_text_is_gsm_7_as_it_stands(known: dict[str, Sentence]) -> None:
    strange = {
        key: odd
        for key, each in spoken(known).items()
        for text in [each.sms, *each.choices.values()]
        if (odd := set(text) - BASIC - EXTENDED)
    }

    assert {} == strange


def test_a_placeholder_is_a_value_of_the_job_the_person_or_the_sentence(
    known: dict[str, Sentence],
) -> None:
    stray = {}
    for key, each in known.items():
        names = {*placeholders(each.sms), *placeholders(each.chat)}
        about = PERSON_VALUES if key in SAID_TO_A_PERSON else JOB_VALUES | MARK_VALUES
        nested = {"verdict"} if "choice" in each.values else set()
        nested |= {"matter"} if "kind" in each.values else set()
        if left := names - about - CONTACTS - set(each.values) - nested:
            stray[key] = left

    assert {} == stray


def test_a_value_is_asked_for_only_where_it_is_used(known: dict[str, Sentence]) -> None:
    unused = {
        key: left
        for key, each in known.items()
        if (
            left := set(each.values)
            - {"choice", "kind"}
            - {*placeholders(each.sms), *placeholders(each.chat)}
        )
    }

    assert {} == unused


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_choice_is_a_word_of_the_carriers(word: str, known: dict[str, Sentence]) -> None:
    labels = {
        label.strip(" .!").upper()
        for each in known.values()
        for label in [*each.choices.values(), *each.choices, *each.buttons.values()]
    }

    assert word not in labels


def test_no_text_asks_for_a_word_of_the_carriers(known: dict[str, Sentence]) -> None:
    """In capitals it would be read as one to text; after "text" or "type" it is one anyway."""
    words = "|".join(sorted(RESERVED))
    capitals = re.compile(rf"\b(?:{words})\b")
    asked = re.compile(rf"\b(?:text|type|reply|answer|send)(?: with)? [\"'“]?(?:{words})\b", re.I)
    asking = [
        key
        for key, each in spoken(known).items()
        if key not in MAY_NAME_RESERVED_WORDS
        for text in (each.sms, each.chat)
        if capitals.search(text) or asked.search(text)
    ]

    assert [] == asking


def test_s2_a_stranger_learns_nothing(known: dict[str, Sentence]) -> None:
    told = known["stranger"].chat.lower()

    assert "\n" not in told
    assert [] == [
        word
        for word in ("job", "doorstep", "technician", "amazon", "apollo", "assembl", "code", "{")
        if word in told
    ]


@pytest.mark.parametrize(
    "needle",
    ["{company}", "{office_phone}", "STOP", "HELP", "END", "CANCEL", "QUIT", "rates may apply"],
)
def test_the_consent_says_what_it_must(needle: str, known: dict[str, Sentence]) -> None:
    assert needle in known["join.done"].sms


class Tags(HTMLParser):
    """The tags of a text, and those that were closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_a_chats_html_is_what_telegram_takes(known: dict[str, Sentence]) -> None:
    wrong = {}
    for key, each in spoken(known).items():
        tags = Tags()
        tags.feed(each.chat)
        if tags.wrong or tags.open or tags.seen - {"b", "i", "code", "a"}:
            wrong[key] = each.chat

    assert {} == wrong


def test_a_mail_is_plain_text_and_ends_with_lines_for_a_machine(known: dict[str, Sentence]) -> None:
    mails = {key: each for key, each in known.items() if key.startswith("mail.")}

    assert mails
    for key, mail in mails.items():
        words, _, lines = mail.chat.strip().rpartition("\n\n")
        fields = dict(line.split(": ", 1) for line in lines.splitlines())
        assert len(words) < 400, key
        assert "<" not in mail.chat, key
        shift = set() if key == "mail.proof" else {"shift"}
        named = {"order"} | shift
        assert mail.sms == SUBJECT_OF_MORE_WORK or named <= {*placeholders(mail.sms)}
        assert {
            "Case",
            "Work order",
            "Visit",
            *map(str.capitalize, shift),
            "Customer",
            "Address",
            "Technician",
        } <= set(fields), key
        assert "{order}" == fields["Work order"], key


def test_a_command_has_room_in_the_chats_menu(known: dict[str, Sentence]) -> None:
    commands = {key: each.chat for key, each in known.items() if key.startswith("command.")}

    assert len(commands) >= 11
    assert [] == [key for key, text in commands.items() if len(text) > 50]


RULES = [
    ("A05", "late.when", "Don't call the customer|Never ask the customer"),
    ("A05", "apollo.where", "not the customer|Never call the customer"),
    ("A10", "apollo.eta", "call do(es n|esn')"),
    ("A10", "apollo.eta", "1 h |one hour"),
    ("A11", "apollo.eta", "[Gg]o "),
    ("A11", "no_show.door_photo", "[Rr]ing|Rang"),
    ("A04", "app_issue.retry", "order"),
    ("A06", "apollo.planned", "office confirms it"),
    ("A07", "numbers", "{office_phone}.*{office_email}.*{ivr_phone}|{office_phone}.*{ivr_phone}"),
    ("A12", "apollo.arrive", "Ignore app mails|unanswered"),
    ("A13", "arrive.late", "{window}"),
    ("A14", "apollo.start", "Start Job.*accept"),
    ("A15", "apollo.ivr_in", "{ivr_phone}"),
    ("A16", "apollo.assemble", "only what the work order lists"),
    ("A17", "apollo.complete", "Complete Job"),
    ("A18", "apollo.signature", "finger.*Submit"),
    ("A19", "apollo.selfie", "ALLOW.*OK.*For Photo Verification.*OK.*headshot.*Use Photo"),
    ("A20", "apollo.cleared", "jobs to complete"),
    ("A20", "apollo.selfie_again", "[Cc]lose the Amazon app completely"),
    ("A21", "apollo.ivr_out", "{ivr_phone}"),
    ("A22", "apollo.report", "Mars.*{order}.*{in_time}.*{out_time}"),
    ("A23", "apollo.report", "before you leave"),
    ("A23", "report.on_site", "on site"),
    ("A25", "apollo.arrive", "driveway"),
    ("A30", "app_issue.form", "top half.*bottom"),
    ("A31", "app_issue.form", "Company Information.*{company}"),
    ("A32", "app_issue.form_photo", "before you leave.*office"),
    ("A33", "app_issue.retry", "[Cc]lose the Amazon app completely"),
    ("A40", "no_show.door_photo", "door"),
    ("A40", "no_show.call_office", "{office_phone}"),
    ("A41", "no_show.waiting", "they call you|calls you"),
    ("A42", "no_show.waiting", "{thirty_end}"),
    ("A42", "no_show.over", "may leave.*{failed_visit_units} units"),
    ("A44", "apollo.report_unfinished", "{in_time}.*{out_time}.*{reason}"),
    ("A46", "not_delivered.which", "{dm} is told at once"),
    ("A46", "not_delivered.call_dm", "Call {dm}.*{dm_phone}.*DC"),
    ("A47", "not_delivered.left", "{trip_charge_units} units"),
    ("A48", "not_delivered.left", "[Dd]on't close"),
    ("A50", "damaged.what", "in delivery.*factory flaw"),
    ("A50", "damaged.photos", "hotos of the damage"),
    ("A51", "missing_parts.tell_customer", "what is missing.*contact Amazon"),
    ("A51", "damaged.tell_customer", "what is damaged.*contact Amazon"),
    ("A52", "missing_parts.customer_wish", "unfinished product.*clean up the work space"),
    ("A52", "damaged.customer_wish", "unfinished product.*clean up the work space"),
    ("A53", "missing_parts.tell_2", "60(-| to )90 days out.*your Amazon account"),
    ("A53", "missing_parts.tell_3", "much sooner.*mail {office_email}"),
    ("A54", "damaged.built", "how much.*built.*{trip_charge_units} units"),
    ("A55", "damage.left", "[Dd]on't close"),
    ("A56", "damaged_during.maker_model", "maker and model number"),
    ("A56", "damaged_during.call_office", "{office_phone}.*maker and model.*(NOT|not) leave"),
    ("A56", "damaged_during.hold", "(NOT|not) leave"),
    ("A60", "more_work.call_office", "{office_phone}.*price.*units"),
    ("A61", "more_work.build_listed", "First build what the work order lists"),
    ("A61", "more_work.call_office", "[Dd]on't begin the extra"),
    (
        "A62",
        "more_work.sign_price",
        "original estimate.*Change Amount.*Select a Reason.*review.*yes.*sign",
    ),
    ("A30", "pos.form", "top half.*bottom"),
    ("A31", "pos.form", "Company Information.*{company}"),
    ("A32", "pos.form_photo", "before you leave.*office"),
    ("A45", "no_show.over", "[Dd]on't close it in the app|Leave the job open in the Amazon app"),
    ("M01", "for.mila.answer.get_app", "Selling Services app.*register.*48 h"),
    ("M01", "for.mila.answer.cost", "No subscription costs"),
    ("M09", "mila.handle", "your firm, Amazon, Mila|your own company, Amazon and Mila"),
    ("M09", "for.mila.answer.company", "Three: your own company, Amazon and Mila"),
    ("M10", "for.mila.answer.app_why", "every Amazon case.*Amazon app"),
    ("M13", "for.mila.answer.description", "detail page.*Amazon app.*Mila app.*Travel is included"),
    ("M14", "for.mila.answer.price", "customer's price with VAT.*£13"),
]
WHY = [
    ("A24", "apollo.signature", "not paid"),
    ("A24", "apollo.cleared", "suspended"),
    ("A24", "apollo.report", "suspends"),
    ("A25", "apollo.arrive", "friendly"),
]


@pytest.mark.parametrize(("rule", "key", "words"), RULES)
def test_a_rule_is_said_where_it_is_needed(rule: str, key: str, words: str) -> None:
    each = sentences("en")[key]
    sms, chat = each.sms, re.sub("<[^>]+>", "", each.chat)

    assert re.search(words, sms, re.S), rule
    assert re.search(words, chat, re.S), rule


@pytest.mark.parametrize(("rule", "key", "words"), WHY)
def test_a_chat_has_room_for_the_reason(rule: str, key: str, words: str) -> None:
    assert words in sentences("en")[key].chat, rule


def test_a07_the_offices_numbers_and_the_videos_are_the_documents() -> None:
    contacts = PROGRAMS["apollo"].contacts

    assert "amazon@apolloretail.com" == contacts["office_email"]
    assert ("855-836-3483", "800-484-0254") == (contacts["office_phone"], contacts["ivr_phone"])
    assert contacts["videos"].endswith("playlist?list=PLdWfaRei9-cQwHbd1Ze2YluCbtxdEy1aN")
    assert "{videos}" in sentences("en")["numbers"].chat
