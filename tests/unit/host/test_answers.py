from datapunk_workers.host.answers import AnswerCache


def test_an_answer_is_given_again_until_it_is_too_old() -> None:
    now = [0.0]
    kept = AnswerCache(ttl_s=10, clock=lambda: now[0])
    kept.put(b"q", b"a")
    now[0] = 9.9
    assert kept.get(b"q") == b"a"
    now[0] = 10.0
    assert kept.get(b"q") is None


def test_the_one_not_used_for_longest_goes_first() -> None:
    kept = AnswerCache(ttl_s=10, entries=2)
    for request in (b"1", b"2"):
        kept.put(request, request)
    kept.get(b"1")
    kept.put(b"3", b"3")
    assert [kept.get(request) for request in (b"1", b"2", b"3")] == [b"1", None, b"3"]


def test_large_answers_are_not_kept() -> None:
    kept = AnswerCache(ttl_s=10)
    kept.put(b"q", bytes(100_000))
    assert kept.get(b"q") is None
