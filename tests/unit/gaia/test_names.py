"""The words under which names are found."""

from datapunk.gaia.names import index_words


def test_the_owner_s_own_name_is_found_by_no_word() -> None:
    assert index_words("self", "Nora Falk") == [""]
