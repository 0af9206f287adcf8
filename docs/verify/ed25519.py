"""Verifies a request that is signed with ed25519. Needs Python 3.9 or newer and the package cryptography."""

import base64
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 5 * 60


def verify(public_key: str, webhook_id: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Takes the public key as Testbell shows it, and the raw body before any parsing."""
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_"), validate=True))
    except ValueError:
        return False
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    # During a rotation there are two signatures. One of them must match.
    for part in signature.split(" "):
        version, _, value = part.partition(",")
        try:
            if version == "v1a":
                key.verify(base64.b64decode(value, validate=True), signed)
                return True
        except (InvalidSignature, ValueError):
            continue
    return False


if __name__ == "__main__":
    # To try it: python3 ed25519.py PUBLIC_KEY ID TIMESTAMP SIGNATURE < body
    sys.exit(0 if verify(*sys.argv[1:5], sys.stdin.buffer.read()) else 1)
