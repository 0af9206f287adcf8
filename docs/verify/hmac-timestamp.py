"""Verifies t=…,v1=…: the HMAC of the time and the body. Needs only Python 3.9 or newer."""

import hashlib
import hmac
import sys
import time

TOLERANCE_SECONDS = 5 * 60


def verify(secret: str, signature: str, body: bytes) -> bool:
    """Takes the secret as Testbell shows it, the value of your header, and the raw body before any parsing."""
    # Reject a missing setting: anyone could guess it.
    if not secret:
        return False
    parts = [part.partition("=") for part in signature.split(",")]
    at = next((value for name, _, value in parts if name == "t"), "")
    if not (at.isascii() and at.isdigit()) or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        return False
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    # During a rotation there are two signatures. One of them must match.
    return any(name == "v1" and hmac.compare_digest(value.encode(), expected.encode()) for name, _, value in parts)


if __name__ == "__main__":
    # To try it: python3 hmac-timestamp.py SECRET SIGNATURE < body
    sys.exit(0 if verify(*sys.argv[1:3], sys.stdin.buffer.read()) else 1)
