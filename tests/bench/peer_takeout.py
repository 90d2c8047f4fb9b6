"""google_takeout_parser on one file: `python tests/bench/peer_takeout.py html|json|locations FILE`.

Prints what it yielded, how long that took, also of a processor, its start not counted, and the most memory it held.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path


def main(form: str, path: Path) -> None:
    from google_takeout_parser.parse_html.activity import _parse_html_activity
    from google_takeout_parser.parse_json import _parse_json_activity, _parse_location_history

    logging.disable(logging.CRITICAL)
    parse = {"html": _parse_html_activity, "json": _parse_json_activity, "locations": _parse_location_history}[form]
    started, before = time.perf_counter(), time.process_time()
    found = list(parse(path))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - before
    records = sum(not isinstance(one, Exception) for one in found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"records": records, "errors": len(found) - records, "seconds": seconds, "cpu_seconds": cpu_seconds}
    print(json.dumps(told | {"memory_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
