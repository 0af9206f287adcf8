"""Verifies a request of Testbell with nothing but Python 3.8 or newer."""

import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_SECONDS = 5 * 60


def verify(secret: str, webhook_id: str, timestamp: str, signature: str, body: bytes) -> bool:
    """`secret` is as revealed; `body` the bytes as received, before anything parses them."""
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret[len("whsec_"):] if secret.startswith("whsec_") else secret)
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # While a secret is being rotated there are two signatures: one of them has to fit.
    return any(hmac.compare_digest(part.encode(), expected.encode()) for part in signature.split(" "))


if __name__ == "__main__":
    # To try it: python3 verify.py SECRET ID TIMESTAMP SIGNATURE < body
    sys.exit(0 if verify(*sys.argv[1:5], sys.stdin.buffer.read()) else 1)
