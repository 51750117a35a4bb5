"""What no form of ours sends and somebody may: answered in a sentence, never by a fault (P10)."""

import pytest

from tests.desk.visiting import House

ODD = ["", "\x00", "9" * 40, "-1", "∞", "<b>", "9999-12-31", "0001-01-01", "ü" * 500, "1e9"]
GETS = ["/desk/?day={}", "/desk/?page={}&show={}", "/desk/ledger?status={}&who={}",
        "/desk/search?q={}", "/desk/jobs.csv?day={}", "/desk/people?q={}"]  # fmt: skip


async def test_p10_odd_addresses(house: House) -> None:
    async with house.at_desk("otto") as otto:
        found = {
            (path, odd): (await otto.browser.get(path.replace("{}", odd.replace("\x00", "%00")))).status_code
            for path in GETS
            for odd in ODD
        }  # fmt: skip

    assert {200} == set(found.values())


async def test_p10_numbers_that_no_row_has(any_house: House) -> None:
    async with any_house.at_desk("otto") as otto:
        for number in (2**31, 10**25):
            for kind in ("jobs", "photos", "people", "manifest"):
                assert 404 == (await otto.get(f"/desk/{kind}/{number}")).status_code, kind
            assert 404 == (await otto.send(f"/desk/alerts/{number}", letter="a")).status_code


async def test_p10_odd_forms_are_refused_and_change_nothing(house: House) -> None:
    page, tina = f"/desk/jobs/{house.jobs['tina']}", house.stage.people["tina"]
    before = house.job("114-7")
    async with house.at_desk("otto") as otto:
        for odd in ODD:
            for act, form in (
                ("assign", {"technician": odd}), ("move", {"day": odd, "window": odd}),
                ("step", {"word": odd, "text": odd, "at": odd}), ("close", {"state": odd}),
                ("hold", {"until": odd}), ("message", {"text": (odd * 50)[:5000]}),
            ):  # fmt: skip
                answer = await otto.send(f"{page}/{act}", page=page, **form)
                assert 303 == answer.status_code, (act, odd)
            person = f"/desk/people/{tina}"
            for act, form in (
                ("absent", {"first": odd, "last": odd, "deputy": odd}), ("channel", {"channel": odd or "x"}),
            ):  # fmt: skip
                answer = await otto.send(f"{person}/{act}", page=person, **form)
                assert 303 == answer.status_code, (act, odd)

    assert before == house.job("114-7")


@pytest.mark.parametrize("csrf", ["ü", "", "\x00"])
async def test_p10_a_token_that_is_none(house: House, csrf: str) -> None:
    async with house.at_desk("dana") as dana:
        answer = await dana.send("/desk/sign-out", csrf=csrf)

        assert 303 == answer.status_code
        assert 200 == (await dana.get("/desk/")).status_code


async def test_p10_a_broken_form_is_answered(house: House) -> None:
    async with house.at_desk("otto") as otto:
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = await otto.browser.post("/desk/manifest", content=b"--y\r\nno", headers=headers)

    assert answer.status_code in (303, 400)


@pytest.mark.parametrize("number", ["9" * 5_000, "0" * 5_000])
async def test_p10_a_number_that_python_refuses_to_read_is_no_page(
    house: House, number: str
) -> None:
    async with house.browser() as stranger:
        for path in ("jobs/{}", "jobs/{}/live", "jobs/{}/packet.pdf", "photos/{}", "manifest/{}"):
            assert 404 == (await stranger.get(f"/desk/{path.format(number)}")).status_code, path


@pytest.mark.parametrize("referer", ["http://[", "http://[::1/desk/jobs/1", "x", "//[/desk/"])
async def test_p10_an_odd_address_of_the_page_before(house: House, referer: str) -> None:
    page = f"/desk/jobs/{house.jobs['tina']}"
    async with house.at_desk("dana") as dana:
        form = await dana.keys(page) | {"day": "?"}
        answer = await dana.browser.post(f"{page}/move", data=form, headers={"referer": referer})

        assert (303, "/desk/") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("said", ["%5B" * 1_300, "%7B%7D", "9" * 3_900, '"ab"', "[1]"])
async def test_p10_a_sentence_that_another_put_into_the_cookie(house: House, said: str) -> None:
    async with house.at_desk("dana") as dana:
        dana.browser.cookies.set("desk-said", said)

        assert 200 == (await dana.get("/desk/")).status_code


@pytest.mark.parametrize("path", ["/healthz/", "/metrics/", "/desk/me/"])
async def test_s4_nobody_is_sent_to_the_host_that_a_request_names(house: House, path: str) -> None:
    async with house.browser() as stranger:
        answer = await stranger.get(path, headers={"host": "evil.test"})

    assert (404, None) == (answer.status_code, answer.headers.get("location"))


async def test_s6_a_strangers_file_is_not_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("starlette.requests.Request.form")
    async with house.browser() as stranger:
        answer = await stranger.post("/desk/manifest", files={"file": ("a.csv", b"a" * 100_000)})

    assert 401 == answer.status_code
