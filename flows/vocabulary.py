"""What people say for a step's answers: the vocabulary of choices, one row a word."""

from collections.abc import Iterable, Mapping
from itertools import product

_NO_PICTURES = (
    "no photo", "no picture", "no camera", "cant take photo", "no pic", "no mms",
    "no mms on my phone", "my phone has no camera", "phone has no camera",
    *map(" ".join, product(
        ("cant send", "i cant send", "my phone cant send", "phone cant send", "cant take"),
        ("a photo", "photos", "a picture", "pictures", "pics"),
    )),
)  # fmt: skip
WHO = ("customer", "customers", "the customer", "she", "he", "they")


def _by_phone(way: str) -> Iterable[str]:
    """How people say that they signed in, or out, on the phone line."""
    said = product(("signed", "called", "checked"), (way,), ("ivr", "on ivr", "on the ivr"))
    return (*map(" ".join, said), f"signed {way}to ivr", f"ivr signed {way}", f"ivr {way} done")


CHOICES: Mapping[str, tuple[str, ...]] = {
    "sent": (
        "sent", "send", "eta sent", "sent it", "sent eta", "eta is sent", "sent the eta",
        "selfie sent", "selfie", "selfie taken", "selfie done", "took selfie", "took the selfie",
        "took a selfie", "did the selfie", "took it",
    ),
    "there": (
        "there", "here", "arrived", "at the door", "im here", "onsite", "on site", "i am here",
        "im there", "at door", "at the house", "at customer", "at the customer", "just arrived",
        "outside", "made it",
    ),
    "started": ("started", "job started", "pressed", "pressed start", "start pressed", "accepted"),
    "signed_in": (
        "signed in", "in", "ivr in", "called in", "ivr done", "logged in", "checked in",
        "clocked in", *_by_phone("in"),
    ),
    "built": (
        "built", "assembled", "finished", "all built", "all done", "finished building", "complete",
        "completed", "put together", "built it", "assembled it", "done building", "finished it",
        "everything built", "all assembled",
    ),
    "completed": (
        "completed", "complete", "pressed", "finished", "all done", "pressed complete",
        "job complete", "job completed", "complete pressed",
    ),
    "signed": (
        "signed", "signature", "submitted", "got it", "got the signature", "got signature",
        "signed and submitted",
        *map(" ".join, product(WHO, ("signed", "signed it", "has signed"))),
    ),
    "gone": (
        "gone", "cleared", "its gone", "not there", "not there anymore", "disappeared", "job gone",
        "job is gone", "the job is gone",
    ),
    "still_there": ("still there", "still listed", "not gone", "still in list", "still shows"),
    "signed_out": (
        "signed out", "ivr out", "called out", "ivr done", "logged out", "checked out",
        "clocked out", *_by_phone("out"),
    ),
    "reported": (
        "reported", "entered", "report done", "report sent", "all done", "finished", "submitted",
        "mars done", "in mars", "entered in mars", "reported in mars", "report is done",
        "entered it", "typed it in",
    ),
    "missed": (
        "missed", "not done", "skip", "skipped", "forgot", "didnt", "not sent", "not pressed",
        "missed it", "forgot it", "i forgot", "couldnt", "could not", "cant", "not possible",
    ),
    "called": ("called", "called them", "called office", "called the office", "talked to them"),
    "coming": (
        "coming", "they come", "on the way", "they are coming", "theyre coming", "on their way",
        "customer coming", "customer is coming", "she is coming", "shes coming",
        "he is coming", "hes coming", "customer is coming", "customers coming",
        "she called me coming", "he called me coming", "they called they come",
    ),
    "here": (
        "here", "they are here", "customer here", "home", "theyre here", "customer is here",
        "they came", "customer came", "someone is here", "somebody is here", "they opened",
        "door opened", "customer home", "customer is home",
    ),
    "late": ("late",),
    "issue": ("problem", "issue", "a problem", "have a problem", "got a problem", "need help"),
    "mistake": ("mistake", "wrong", "my mistake", "wrong button", "by mistake"),
    "no_photo": _NO_PICTURES,
    "nothing_to_see": (*_NO_PICTURES, "nothing to see"),
    "no_time": ("no time", "dont know", "no idea", "they didnt say"),
    "not_late": ("not late", "on time"),
    "dead": ("dead", "still dead", "still not working", "doesnt work", "not working", "no luck"),
    "works": ("works", "app works", "it works", "working", "works again", "working again"),
    "filled": ("filled", "filled out", "filled in", "signed", "all done", "finished"),
    "no_form": ("no form", "no forms", "dont have one", "have none"),
    "nothing": ("nothing", "not delivered", "nothing delivered", "nothing here", "none"),
    "partly": (
        "partly", "part", "only part", "some", "half", "part delivered", "only half", "only some",
        "half came", "only half came", "part came", "only part came", "some boxes",
        "half the boxes", "only half the boxes came", "some missing",
    ),
    "built_already": ("already built", "built", "already assembled", "they built it"),
    "told": (
        "told", "told them", "called", "told customer", "called dm", "called the dm",
        *map(" ".join, product(
            ("talked to", "spoke to", "spoke with", "told", "called"),
            ("them", "dm", "the dm", "my dm", "dc", "my manager", "the manager", "my boss"),
        )),
    ),
    "there_after_all": ("its here", "found it", "it is here", "here after all"),
    "enough": ("enough", "thats all", "that is all", "no more", "all sent"),
    "none_built": ("none", "nothing", "not started"),
    "some_built": ("some", "half", "part", "a bit"),
    "most_built": ("most", "almost all", "nearly all"),
    "leave_as_is": ("leave it", "leave as is", "leave"),
    "box_it": ("box", "box it", "back in the box"),
    "take_apart": ("take apart", "take it apart"),
    "go_on": (
        "go on", "carry on", "continue", "keep going",
        *map(" ".join, product(("they say", "they said", "told me to"), ("go on", "carry on"))),
    ),
    "revisit": ("revisit", "come back", "return visit"),
    "stop_here": ("stop here", "stop it"),
    "visible": (
        "its there", "its there now", "there now", "it shows", "i see it", "it is there",
        "in the app", "its in the app", "its visible", "visible", "it came", "it appeared",
    ),
    "accepted": ("accepted", "accept", "accepted it", "took it", "i took it"),
    "declined": ("declined", "decline", "declined it", "rejected", "rejected it"),
    "handled": (
        "handled", "finished", "all done", "service done", "job done", "work done", "completed",
        "complete", "finished it", "mounted", "built", "fixed",
    ),
    "closed": ("closed", "closed it", "service closed", "all closed", "closed in the app"),
    "cancelled": ("cancelled", "canceled", "they cancelled", "they canceled", "they cancelled it"),
    "redistributed": ("somebody else", "someone else", "someone else does it", "redistributed"),
    "not_there": ("not there", "its not there", "still not there", "not in the app"),
    "no_answer": (
        "no answer", "they dont answer", "nobody answers", "busy", "its busy", "line busy",
        "line is busy", "the line is busy", "voicemail", "they dont pick up", "nobody picks up",
    ),
    "allowed": ("allowed", "they allow it", "approved"),
    "refused": ("refused", "not allowed", "denied"),
    "dropped": ("dropped", "not wanted", "dont want it", "customer dropped it"),
    "listed_built": ("built", "listed built", "finished", "all done"),
    "extra_built": ("built", "extra built", "finished", "all done"),
    "price_signed": (
        "signed", "price signed", *map(" ".join, product(WHO, ("signed", "signed it", "agreed"))),
    ),
    "price_refused": ("refused", "price refused", "customer refused"),
    "not_signed": ("not signed",),
    "resume": (
        "never mind", "nevermind", "no problem", "forget it", "solved", "all good", "its fine",
        "its ok", "my mistake", "by mistake", "wrong button",
    ),
}  # fmt: skip
"""Word of a step → what people say for it, in lower case and without signs."""
