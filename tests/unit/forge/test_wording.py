from zlib import crc32

import numpy as np

from datapunk.forge.wording import padded, term_buckets

BUCKETS = 1 << 18


def bucket(term: str) -> int:
    return crc32(term.encode()) & (BUCKETS - 1)


def test_words_and_pairs_come_before_parts_of_words() -> None:
    found = term_buckets("Ab c", BUCKETS, 100)
    assert found[:3] == [bucket("ab"), bucket("c"), bucket("ab c")]
    # Of the words with their ends marked: runs of two to five characters.
    assert set(found[3:]) == {
        bucket(f"\1{run}") for run in ("\2a", "ab", "b\3", "\2ab", "ab\3", "\2ab\3", "\2c", "c\3", "\2c\3")
    }


def test_a_term_counts_once() -> None:
    assert term_buckets("one one one", BUCKETS, 100).count(bucket("one")) == 1


def test_a_text_has_so_many_terms_at_most() -> None:
    assert (
        term_buckets("a long text of many words", BUCKETS, 4)
        == term_buckets("a long text of many words", BUCKETS, 400)[:4]
    )


def test_what_is_left_is_padded() -> None:
    row = padded("a", BUCKETS, 50)
    assert len(row) == 50
    assert row[-1] == -1.0
    assert row[: len(term_buckets("a", BUCKETS, 50))] == term_buckets("a", BUCKETS, 50)


def test_no_text_has_no_terms() -> None:
    assert set(padded(" ", BUCKETS, 5)) == {-1.0}


def test_buckets_stay_exact_in_float32() -> None:
    row = padded("the quick brown fox", BUCKETS, 200)
    assert np.array(row, dtype=np.float32).tolist() == row
