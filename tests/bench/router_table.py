"""What routers are to reach on public intents, and a table of what they reached."""

from collections.abc import Mapping
from typing import Any

_PARTS = (
    ("CLINC150, all examples", "clinc150", 96.0, True),
    ("CLINC150, 10 examples an intent", "clinc150:10", 91.5, True),
    ("CLINC150, 5 examples an intent", "clinc150:5", 88.0, False),
    ("BANKING77, all examples", "banking77", 93.0, False),
    ("BANKING77, 10 examples an intent", "banking77:10", 86.5, False),
    ("BANKING77, 5 examples an intent", "banking77:5", 82.0, False),
)
_RECALL = ("out_of_scope", "recall_at_3")
# What is measured, where it stands, and the least percentage.
BARS = (
    *(
        (f"router, {what}: accuracy in scope", ("router", part, "tuned", "accuracy"), bound)
        for what, part, bound, _ in _PARTS
    ),
    *(
        (f"router, {what}: declined out of scope at 3 % loss", ("router", part, "tuned", *_RECALL), 75.0)
        for what, part, _, outside in _PARTS
        if outside
    ),
)
SLOWEST = ("training of a router on 15,000 examples, without tuning", ("router", "clinc150", "fast", "train_s"))
_OUTSIDE = ("out_of_scope", "same_domain", "other_domains")


def table(figures: Mapping[str, Any]) -> str:
    """Rows of every set and setting: in scope, out of scope, seconds, milliseconds."""
    rows = [
        "| set | setting | accuracy | declined in scope | out of scope: declined, at 3 % loss | training, s (CPU) "
        "| route, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, settings in figures.items():
        for setting, line in settings.items() if isinstance(settings, Mapping) else ():
            outside = "; ".join(
                f"{kind.replace('_', ' ')} {line[kind]['declined']}, {line[kind]['recall_at_3']}"
                for kind in _OUTSIDE
                if kind in line
            )
            rows.append(
                f"| {name} | {setting} | {line['accuracy']} | {line['declined_in_scope']} | {outside}"
                f" | {line['train_s']} ({line['train_cpu_s']}) | {line['route_p50_ms']} |"
            )
    return "\n".join(rows)
