import pytest

from bot.rehearsal.carriers.sms_text import encoding, segments, smart_encoded


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("", "GSM-7", 1),
        ("x" * 160, "GSM-7", 1),
        ("x" * 161, "GSM-7", 2),
        ("x" * 306, "GSM-7", 2),
        ("x" * 307, "GSM-7", 3),
        ("x" * 158 + "€", "GSM-7", 1),
        ("x" * 159 + "€", "GSM-7", 2),
        ("x" * 152 + "€" + "x" * 152, "GSM-7", 3),  # the euro sign is not split
        ("é" * 160, "GSM-7", 1),
        ("x" * 69 + "’", "UCS-2", 1),
        ("x" * 70 + "’", "UCS-2", 2),
        ("x" * 133 + "’", "UCS-2", 2),
        ("x" * 134 + "’", "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("`", "UCS-2", 1),
        ("í", "UCS-2", 1),
    ],
)
def test_what_a_text_costs(text: str, kind: str, count: int) -> None:
    assert (encoding(text), segments(text)) == (kind, count)


def test_smart_encoding_keeps_a_text_gsm_7() -> None:
    assert smart_encoded("“R&D” – it’s…\u00a0ok") == '"R&D" - it\'s... ok'
