"""Runs in the unpacked zip: imports its handler as Lambda does, answers an event per line of input."""

import importlib
import json
import os
import sys
import traceback


class Context:
    aws_request_id = "request"
    memory_limit_in_mb = 256
    function_name = "function"

    def get_remaining_time_in_millis(self) -> int:
        return 29000


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the function prints must not mix with the answers
    sys.path.insert(0, str(os.curdir))
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        try:
            answer = {"failed": False, "payload": handler(json.loads(line), Context())}
        except Exception as error:  # noqa: BLE001  as Lambda: whatever it is, the caller is told
            trace = traceback.format_exc().splitlines()
            answer = {"failed": True, "payload": {"errorType": type(error).__name__, "stackTrace": trace}}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


main()
