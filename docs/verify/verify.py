"""Verifies a request from Testbell. Needs only Python 3.8 or newer."""

import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_SECONDS = 5 * 60
MIN_KEY_BYTES = 24


def verify(secret: str, webhook_id: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Takes the secret as Testbell shows it, and the raw body before any parsing."""
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    try:
        key = base64.b64decode(secret[len("whsec_"):] if secret.startswith("whsec_") else secret, validate=True)
    except ValueError:
        return False
    # Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
    if len(key) < MIN_KEY_BYTES:
        return False
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # During a rotation there are two signatures. One of them must match.
    return any(hmac.compare_digest(part.encode(), expected.encode()) for part in signature.split(" "))


if __name__ == "__main__":
    # To try it: python3 verify.py SECRET ID TIMESTAMP SIGNATURE < body
    sys.exit(0 if verify(*sys.argv[1:5], sys.stdin.buffer.read()) else 1)
