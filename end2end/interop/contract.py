"""Compares the REST API of a running server with its OpenAPI document, with Schemathesis: responses to valid, invalid and
unexpected requests, and chains of requests. Only the IDs in them differ from run to run."""

import json
import pathlib
import subprocess
import sys

from server import Server, running

# Per operation and phase.
MAX_EXAMPLES = 5
# Chains of requests.
MAX_CHAINS = 40
# It takes about two minutes. This is for slow machines.
TIMEOUT_SECONDS = 600

REPORT = b'<testsuite><testcase classname="pay" name="card"/></testsuite>'
PROPOSAL = {"title": "Pay", "preconditions": "", "steps": [], "priority": "low", "labels": []}
# Schemathesis makes up headers of letters and digits only. These let every request through.
CONDITIONS = {"If-Match": "*", "If-None-Match": '"0"'}
# The last parts of paths whose operation leaves nothing to change.
ENDS = {"abort", "cancel", "clear", "complete", "decline", "erase", "merge", "transfer"}


def prepare(server: Server, key: str) -> dict[str, str]:
    """Creates a project with an object of each kind. Returns their IDs by the first part of their paths."""
    project = server.call("POST", "/projects", {"key": key, "name": "Web shop"})["id"]

    def create(path: str, body: object) -> str:
        return server.call("POST", f"/projects/{project}/{path}", body)["id"]

    # It sends the first event, so that there is a delivery.
    webhook = {"name": "CI", "url": "http://hooks.example.com/", "events": ["case.*"]}
    webhook = server.call("POST", f"/projects/{project}/webhooks", webhook)["webhook"]["id"]
    case = create("cases", {"title": "Pay by card", "steps": [{"action": "Pay", "expected": "Paid"}]})
    run = create("runs", {"name": "Run 1", "caseIds": [case]})
    session = create("sessions", {"name": "Session 1"})
    result = server.call("POST", f"/runs/{run}/results", {"caseId": case, "status": "failed"})["id"]
    return {
        "projects": project,
        "webhooks": webhook,
        "deliveries": server.call("GET", f"/projects/{project}/deliveries")["items"][0]["id"],
        "cases": case,
        "suites": create("suites", {"name": "Payment"}),
        "shared-steps": create("shared-steps", {"name": "Sign in", "steps": [{"action": "Sign in"}]}),
        "custom-fields": create("custom-fields", {"name": "Browser", "type": "text"}),
        "milestones": create("milestones", {"name": "Release 1"}),
        "plans": create("plans", {"name": "Plan 1"}),
        "runs": run,
        "results": result,
        "attachments": server.call("POST", f"/results/{result}/attachments?name=trace.log", b"It failed")["id"],
        "sessions": session,
        "session-notes": server.call("POST", f"/sessions/{session}/notes", {"text": "Slow"})["id"],
        "issues": create("issues", {"title": "It fails"}),
        "ci-jobs": create("ci-jobs", {"name": "Nightly"}),
        "comments": create("comments", {"itemId": case, "text": "Well done"}),
        "custom-events": create("custom-events", {"type": "custom.deployed"}),
        "inspector-urls": create("inspector-urls", {}),
        "automation-runs": create("automation-runs?complete=false", REPORT),
        "reviews": create("reviews", {"caseId": case, "title": "Shorter", "proposal": PROPOSAL}),
        "users": server.call("GET", "/me")["id"],
    }


def config(server: Server) -> str:
    """Uses prepared objects. What ends or deletes one has its own."""
    kept, ended = prepare(server, "WEB"), prepare(server, "OLD")
    deleted_project = server.call("POST", "/projects", {"key": "GONE", "name": "Gone"})["id"]
    lines = [
        "[phases.stateful.generation]",
        f"max-examples = {MAX_CHAINS}",
        # Some rules can't be part of a schema, such as unique names. Breaking one is 422.
        "[checks.positive_data_acceptance]",
        'expected-statuses = ["2xx", "401", "403", "404", "409", "422"]',
    ]
    for path, item in server.call("GET", "/openapi.json")["paths"].items():
        parts = path.strip("/").split("/")
        for method, operation in item.items():
            found = (ended if method == "delete" or parts[-1] in ENDS else kept).get(parts[0])
            if (method, path) == ("delete", "/projects/{id}"):
                found = deleted_project
            named = {parameter["name"] for parameter in operation.get("parameters", [])}
            values = {f"header.{name}": value for name, value in CONDITIONS.items() if name in named}
            if found and "{id}" in parts:
                values["path.id"] = found
            if values:
                pairs = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in values.items())
                name = f"{method.upper()} {path}"
                lines += ["[[operations]]", f'include-name = "{name}"', f"parameters = {{ {pairs} }}"]
    return "\n".join(lines)


def main(binary: str, extra: list[str]) -> int:
    with running(binary) as server:
        file = server.folder / "schemathesis.toml"
        file.write_text(config(server))
        command = [
            pathlib.Path(sys.executable).with_name("schemathesis"),
            f"--config-file={file}",
            "run",
            f"{server.base}/api/v1/openapi.json",
            f"--header=Authorization:Bearer {server.token}",
            "--checks=all",
            "--generation-deterministic",
            f"--max-examples={MAX_EXAMPLES}",
            "--workers=1",
            "--warnings=off",
            *extra,
        ]
        return subprocess.run(command, cwd=server.folder, timeout=TIMEOUT_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
