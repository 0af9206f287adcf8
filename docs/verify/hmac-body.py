"""Verifies the HMAC of the body in hex, with or without sha256=. Needs only Python 3.9 or newer."""

import hashlib
import hmac
import sys


def verify(secret: str, signature: str, body: bytes) -> bool:
    """Takes the secret as Testbell shows it, the value of your header, and the raw body before any parsing."""
    # Reject a missing setting: anyone could guess it.
    if not secret:
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.removeprefix("sha256=").encode(), expected.encode())


if __name__ == "__main__":
    # To try it: python3 hmac-body.py SECRET SIGNATURE < body
    sys.exit(0 if verify(*sys.argv[1:3], sys.stdin.buffer.read()) else 1)
