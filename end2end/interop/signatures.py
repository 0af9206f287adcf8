"""Has standardwebhooks verify every request in a folder with each of its secrets."""

import json
import pathlib
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def accepts(secret: str, request: dict) -> bool:
    try:
        Webhook(secret).verify(request["body"], request["headers"])
        return True
    except WebhookVerificationError:
        return False


files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
assert len(files) == 2, f"{len(files)} requests in {sys.argv[1]}"
for file in files:
    request = json.loads(file.read_text())
    found = [accepts(each["secret"], request) for each in request["secrets"]]
    wanted = [each["accepted"] for each in request["secrets"]]
    assert found == wanted, f"{file.stem}: {found} instead of {wanted}"
    print(f"{file.stem}: standardwebhooks of PyPI accepts {sum(found)} of {len(found)} secrets")
