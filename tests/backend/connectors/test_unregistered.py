"""A site that is registered nowhere: it says what is missing, and nothing else breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import AsyncClient

from backend.settings import Settings
from tests.backend.connectors.using import API, NAMES, ORIGIN, sign_up
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    return make_settings(database.backend, [chain.url], tmp_path, x_client_id="only-the-id")


async def test_missing__named__connecting_refused_with_what_to_do(client: AsyncClient) -> None:
    items = (await client.get(f"{API}/connectors")).json()["items"]
    assert {one["platform"]: one["missing"] for one in items} == {
        name: ["X_CLIENT_SECRET"]
        if name == "x"
        else [f"{name.upper()}_CLIENT_ID", f"{name.upper()}_CLIENT_SECRET"]
        for name in NAMES
    }
    assert not any(one["configured"] for one in items)
    await sign_up(client, "ada@example.org")
    for name in NAMES:
        answer = await client.post(f"{API}/connections", json={"platform": name}, headers=ORIGIN)
        assert (answer.status_code, answer.json()["code"]) == (409, "connector_not_configured")
        assert f"{name.upper()}_CLIENT_SECRET" in answer.json()["detail"]
        assert "docs/connectors.md" in answer.json()["detail"]


def test_stand_ins_in_production__refused() -> None:
    with pytest.raises(ValueError, match="CONNECTOR_HOSTS"):
        Settings(
            environment="production",
            database_url="postgresql://x",
            rpc_urls=("http://x",),
            registry=Path("r"),
            jwt_secret="a secret of the tests that is long enough",
            public_url="https://tombola.example",
            kms_url="awskms:///x",
            files_dir=Path("/files"),
            connector_hosts={"https://x.com": "http://127.0.0.1:1"},
        )
