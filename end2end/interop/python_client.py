"""Generates a Python client from the OpenAPI document of a running server with openapi-python-client, and uses it."""

import importlib
import json
import pathlib
import subprocess
import sys
from http import HTTPStatus

from server import Server, running

CONFIG = """
project_name_override: testbell-api
package_name_override: testbell_api
literal_enums: true
post_hooks: []
"""


def generate(server: Server) -> None:
    """Generates the package `testbell_api`."""
    document = server.call("GET", "/openapi.json")
    (server.folder / "openapi.json").write_text(json.dumps(document))
    (server.folder / "config.yaml").write_text(CONFIG)
    command = [
        pathlib.Path(sys.executable).with_name("openapi-python-client"),
        "generate",
        f"--path={server.folder}/openapi.json",
        f"--config={server.folder}/config.yaml",
        f"--output-path={server.folder}/testbell_api",
        "--meta=none",
        "--fail-on-warning",
    ]
    subprocess.run(command, check=True)
    sys.path.insert(0, str(server.folder))


def use(server: Server) -> None:
    """Creates, lists and misses a case."""
    testbell_api = importlib.import_module("testbell_api")
    models = importlib.import_module("testbell_api.models")
    create_project = importlib.import_module("testbell_api.api.projects.create_project")
    create_case = importlib.import_module("testbell_api.api.cases.create_case")
    get_case = importlib.import_module("testbell_api.api.cases.get_case")
    list_cases = importlib.import_module("testbell_api.api.cases.list_cases")
    client = testbell_api.AuthenticatedClient(base_url=f"{server.base}/api/v1", token=server.token)

    project = create_project.sync(client=client, body=models.CreateProject(key="PY", name="Python"))
    for title in ["Pay by card", "Pay by invoice"]:
        new = models.CreateCase(title=title, priority="high", steps=[models.Step(action="Pay", expected="Paid")])
        case = create_case.sync(project.id, client=client, body=new)
        assert isinstance(case, models.TestCase), case
        assert (case.title, case.priority, case.steps[0].expected) == (title, "high", "Paid")
        assert case.created_at.utcoffset().total_seconds() == 0

    titles, cursor = [], None
    while True:
        page = list_cases.sync(project.id, client=client, limit=1, **({"cursor": cursor} if cursor else {}))
        titles += [case.title for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert titles == ["Pay by invoice", "Pay by card"], titles

    missing = get_case.sync_detailed("cas_" + "0" * 26, client=client)
    assert missing.status_code == HTTPStatus.NOT_FOUND
    assert missing.parsed.detail.startswith("Not found"), missing.parsed
    refused = create_case.sync_detailed(project.id, client=client, body=models.CreateCase(title=""))
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "title" in refused.parsed.errors.additional_properties


if __name__ == "__main__":
    with running(sys.argv[1]) as server:
        generate(server)
        use(server)
    print("a generated Python client created, listed and missed a case")
