"""`ape run token`: made once, with its vesting in the same transaction; each role does what it may."""

import re
from pathlib import Path

import pytest

from tests.scripts.daily import done, granted, listed, people, refused, run
from tests.scripts.world import World
from tests.support.anvil import dev_account

MAKER, OTHER = 2, 4
WEI = 10**18
DAY = 86_400
WRONG_CHECKSUM = dev_account(MAKER).address.swapcase().replace("X", "x")


def created(output: str) -> str:
    """The address that a creation ended with."""
    return re.findall(r"^token       is there, at (0x\w+)$", output, re.M)[0]


def test_token__with_features__made_once_and_used_by_its_roles(world: World) -> None:
    maker = dev_account(MAKER).address
    wishes = ("--name", "Meadow", "--symbol", "MEAD", "--supply", "1000.5", "--cap", 2000, "--admin", maker)
    wishes += ("--feature", "mint", "--feature", "pause")
    block = world.anvil.rpc.block_number
    dry = done(world, "token", "create", *wishes, "--dry-run", account=MAKER)
    assert re.search(r"would send  create MEAD: [\d,]+ gas", dry), dry
    assert world.anvil.rpc.block_number == block
    token = created(done(world, "token", "create", *wishes, account=MAKER))
    assert f"will be at {token}" in dry
    again = done(world, "token", "create", *wishes, account=MAKER)
    assert (created(again), "Nothing was sent." in again) == (token, True)
    assert created(done(world, "token", "create", *wishes, "--salt", "2", account=MAKER)) != token

    told = done(world, "token", "status", token)
    for line in (
        f"token       Meadow (MEAD), {token}",
        "made        by this factory",
        "supply      1,000.5 MEAD",
        "cap         2,000 MEAD",
        "features    mint, pause",
        "paused      no",
        f"admin       {maker}",
    ):
        assert line in told, told
    to = dev_account(5).address
    assert f"may not mint MEAD; who may: {maker}." in refused(
        world, "token", "mint", token, to, 1, account=OTHER
    )
    assert "supply      1,001 MEAD" in done(world, "token", "mint", token, to, "0.5", account=MAKER)
    assert "would be refused" in refused(world, "token", "mint", token, to, 1000, account=MAKER)
    assert "MEAD was made without burn; it has mint, pause." in refused(
        world, "token", "burn", token, 1, account=MAKER
    )
    done(world, "token", "pause", token, account=MAKER)
    assert "paused      YES" in done(world, "token", "status", token)
    assert "TokenPaused" in refused(world, "token", "pause", token, account=MAKER)
    done(world, "token", "unpause", token, account=MAKER)
    assert "paused      no" in done(world, "token", "status", token)


def test_token__with_a_list__supply_and_grants_in_one_transaction(world: World, tmp_path: Path) -> None:
    rows = [(who, number + 1) for number, who in enumerate(people(20, "launch"))]
    file, start = listed(tmp_path, rows), world.now
    wishes = ("--name", "Launched", "--symbol", "LNCH", "--supply", 500, "--feature", "burn")
    assert "--vest needs --start and --duration" in refused(
        world, "token", "create", *wishes, "--vest", file, account=MAKER
    )
    bare = created(done(world, "token", "create", *wishes, "--salt", "bare", account=MAKER))
    wishes += ("--vest", file, "--start", start, "--duration", DAY)
    listed(tmp_path, [(rows[0][0], 501)])
    assert "vests more than the supply" in refused(world, "token", "create", *wishes, account=MAKER)
    listed(tmp_path, rows)
    output = done(world, "token", "create", *wishes, account=MAKER)
    assert "vesting     210 LNCH of the supply, in 20 grants, in the same transaction" in output
    assert "Done: 1 transaction sent." in output
    assert granted(world, int(world.view("Vesting", "planCount"))) == rows
    assert f"{bare} is there, made without vesting" in refused(
        world, "token", "create", *wishes, "--salt", "bare", account=MAKER
    )
    assert "Nothing was sent." in done(world, "token", "create", *wishes, account=MAKER)
    token = created(output)
    told = done(world, "token", "status", token)
    assert "admin       nobody, for good" in told
    assert "supply      490 LNCH" in done(world, "token", "burn", token, 10, account=MAKER)


def test_token__plain__has_nothing_but_its_supply(world: World) -> None:
    wishes = ("--name", "Plain", "--symbol", "PLN", "--supply", 7, "--plain")
    assert "leave them out" in refused(world, "token", "create", *wishes, "--feature", "burn", account=MAKER)
    token = created(done(world, "token", "create", *wishes, account=MAKER))
    told = done(world, "token", "status", token)
    assert "features    none: a plain token" in told
    assert "it has no features" in refused(world, "token", "mint", token, token, 1, account=MAKER)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--supply", "1e3"), "'1e3' is no amount"),
        (("--supply", 5, "--cap", 4), "The supply is above the cap"),
        (("--supply", 5, "--feature", "mint"), "name --admin"),
        (("--supply", 5, "--admin", "0x12"), "--admin '0x12' is no address"),
        (("--supply", 5, "--admin", WRONG_CHECKSUM), f"--admin '{WRONG_CHECKSUM}' is no address"),
    ],
)
def test_token__wishes_that_cannot_be__say_what_to_change(
    world: World, more: tuple[str | int, ...], told: str
) -> None:
    assert told in refused(world, "token", "create", "--name", "X", "--symbol", "X", *more, account=MAKER)


def test_token__live_network__asks_before_it_sends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts._sending.is_development_node", lambda provider: False)
    monkeypatch.setattr("scripts._confirming.BLOCKS", 0)
    wishes = ("token", "create", "--name", "Asked", "--symbol", "ASK", "--supply", 1)
    block = world.anvil.rpc.block_number
    code, output = run(world, *wishes, account=MAKER, ask="n\n")
    assert (code, "Send this to the live chain 31337?" in output) == (1, True), output
    assert world.anvil.rpc.block_number == block
    done(world, *wishes, "--dry-run", account=MAKER)
    assert world.anvil.rpc.block_number == block
    assert "Done: 1 transaction sent." in done(world, *wishes, "--yes", account=MAKER)
