"""Has slack-sdk parse and validate the blocks of every message in a folder."""

import json
import pathlib
import sys

from slack_sdk.models.blocks import Block

TOP = {"text", "blocks", "attachments", "unfurl_links", "unfurl_media"}


def check(message: dict) -> int:
    assert set(message) <= TOP, f"unknown fields: {set(message) - TOP}"
    assert message["text"], "no fallback text"
    count = 0
    for blocks in [message["blocks"], *(each["blocks"] for each in message.get("attachments", []))]:
        parsed = Block.parse_all(blocks)
        assert len(parsed) == len(blocks) <= 50, "a block was not recognized"
        for block, original in zip(parsed, blocks):
            block.validate_json()
            # What is lost in parsing is unknown to Slack.
            assert keys(original) <= keys(block.to_dict()), f"{original} became {block.to_dict()}"
            count += 1
    return count


def keys(value) -> set:
    """The paths of all fields."""
    if isinstance(value, dict):
        return {(name, *path) for name, inner in value.items() for path in {(), *keys(inner)}}
    if isinstance(value, list):
        return {(n, *path) for n, inner in enumerate(value) for path in {(), *keys(inner)}}
    return set()


files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
assert len(files) >= 22, f"only {len(files)} messages in {sys.argv[1]}"
for file in files:
    count = check(json.loads(file.read_text()))
    print(f"{file.stem}: {count} blocks")
