import json
from typing import Any

import psycopg
import pytest


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://a.example/path?x=1#y", "a.example"),
        ("https://www.a.example/", "a.example"),
        ("https://WWW2.A.Example", "www2.a.example"),
        ("http://a.example:8080/x", "a.example"),
        ("https://a.example?x=https://www.b.example/", "a.example"),
        ("https://a.example#www.", "a.example"),
        ("https://shop.www.example/www.html", "shop.www.example"),
        ("chrome-extension://abcdef/page.html", "abcdef"),
        ("https://bücher.example/", "bücher.example"),
        ("mailto:ann@a.example", None),
        ("/only/a/path", None),
        ("file:///home/ann/x.html", None),
    ],
)
def test_domain_is_the_host_without_www(connection: psycopg.Connection[Any], url: str, domain: str | None) -> None:
    connection.execute("select lake_append(%s)", (json.dumps([{"kind": "visit", "title": "t", "url": url}]),))
    assert connection.execute("select domain from visits").fetchone() == (domain,)
