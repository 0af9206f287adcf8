"""Verifies every request in a folder with each of its keys, with published packages or Python's own hmac."""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

import stripe
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

FILES = 12


def standard_webhooks(key: str, request: dict) -> bool:
    try:
        Webhook(key).verify(request["body"], request["headers"])
        return True
    except WebhookVerificationError:
        return False


def standard_webhooks_ed25519(key: str, request: dict) -> bool:
    headers = request["headers"]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body']}".encode()
    for part in headers["webhook-signature"].split(" "):
        version, value = part.split(",")
        assert version == "v1a", version
        try:
            public.verify(base64.b64decode(value), signed)
            return True
        except InvalidSignature:
            continue
    return False


def hmac_sha256(key: str, request: dict) -> bool:
    prefix = "sha256=" if request["prefix"] else ""
    expected = prefix + hmac.new(key.encode(), request["body"].encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, request["headers"][request["header"]])


def hmac_sha256_timestamp(key: str, request: dict) -> bool:
    try:
        stripe.WebhookSignature.verify_header(request["body"], request["headers"][request["header"]], key, 300)
        return True
    except stripe.SignatureVerificationError:
        return False


def shared_secret(key: str, request: dict) -> bool:
    return request["headers"][request["header"]] == key


files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
assert len(files) == FILES, f"{len(files)} requests in {sys.argv[1]}"
for file in files:
    request = json.loads(file.read_text())
    found = [globals()[request["scheme"]](each["key"], request) for each in request["keys"]]
    wanted = [each["accepted"] for each in request["keys"]]
    assert found == wanted, f"{file.stem}: {found} instead of {wanted}"
    print(f"{file.stem}: PyPI accepts {sum(found)} of {len(found)} keys")
