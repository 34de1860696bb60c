"""`ape run vesting`: a list becomes grants once, however often the import is killed; status, release, revoke."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listener.chain.encode import encode_call
from scripts import _vesting_import
from tests.scripts.daily import WEI, done, granted, listed, people, refused
from tests.scripts.world import World
from tests.support.anvil import dev_account
from tests.support.processes import Process
from tests.support.waiting import wait_until

HOLDER, STRANGER = 1, 4
DAY = 86_400
ROWS = 30


@pytest.fixture(scope="module")
def token(world: World) -> str:
    """The token of governance, all of it held by account 1."""
    return str(world.registry.contract("Governor").extra["arguments"][0])


@pytest.fixture
def plan(world: World, token: str) -> int:
    """A plan of account 1 that began a day ago and lasts ten."""
    config = (token, world.now - DAY, 0, 10 * DAY, 1, 0)
    world.send("Vesting", "createPlan", config, sender=dev_account(HOLDER).address)
    return int(world.view("Vesting", "planCount"))


@pytest.fixture
def pooled(world: World) -> Iterator[None]:
    """Blocks come only when the test says so."""
    world.anvil.call("evm_setAutomine", False)
    try:
        yield
    finally:
        world.anvil.call("evm_setAutomine", True)
        world.anvil.mine()


def approve(world: World, token: str, amount: int) -> None:
    """What vesting may take of the holder, in whole tokens."""
    spender = world.registry.contract("Vesting").address
    data = "0x" + encode_call(world.registry.contract("Token").abi, "approve", [spender, amount * WEI]).hex()
    sent = world.anvil.call(
        "eth_sendTransaction", {"from": dev_account(HOLDER).address, "to": token, "data": data}
    )
    wait_until(lambda: world.anvil.call("eth_getTransactionReceipt", sent), what="the approval")


def start_import(world: World, file: Path, plan: int) -> Process:
    ape = Path(sys.executable).with_name("ape")
    arguments = ["run", "vesting", "import", str(file), "--plan", str(plan), "--gas-part", "1"]
    more = ["--network", world.network, "--account", f"TEST::{HOLDER}"]
    return Process([ape, *arguments, *more], env=world.env)


def in_pool(world: World) -> int:
    """Transactions of the holder that wait to be mined."""
    who = dev_account(HOLDER).address
    pending, mined = (
        int(world.anvil.call("eth_getTransactionCount", who, block), 16) for block in ("pending", "latest")
    )
    return pending - mined


def test_import__killed_after_sending_and_between_batches__grants_all_once(
    world: World, token: str, plan: int, tmp_path: Path, pooled: None
) -> None:
    rows = [(who, number + 1) for number, who in enumerate(people(ROWS))]
    file, holder = listed(tmp_path, rows), dev_account(HOLDER).address
    before = world.reader.view(world.registry.contract("Token"), "balanceOf", holder, at=token)

    first = start_import(world, file, plan)
    first.wait_until(lambda: in_pool(world), what="the approval")
    world.anvil.mine()
    first.wait_until(lambda: in_pool(world), what="a batch that is sent")
    first.kill()
    assert granted(world, plan) == []

    second = start_import(world, file, plan)
    second.wait_for_output("sent earlier and not mined yet")
    world.anvil.mine()
    second.wait_until(lambda: in_pool(world), what="the second batch")
    size = len(granted(world, plan))
    assert 0 < size < ROWS // 2
    world.anvil.mine()
    second.wait_for_output("sent        grant lines")
    second.kill()
    world.anvil.call("evm_setAutomine", True)
    world.anvil.mine()
    assert granted(world, plan) == rows[: len(granted(world, plan))]
    assert 2 * size <= len(granted(world, plan)) < ROWS

    output = done(world, "vesting", "import", file, "--plan", plan, "--gas-part", 1, account=HOLDER)
    assert f"all {ROWS} grants of the list, read again and compared" in output
    assert granted(world, plan) == rows
    after = world.reader.view(world.registry.contract("Token"), "balanceOf", holder, at=token)
    assert before - after == sum(amount for _, amount in rows) * WEI
    used = [int(gas.replace(",", "")) for gas in re.findall(r"sent +grant .*: ([\d,]+) gas", output)]
    assert used
    assert max(used) <= 300_000

    again = done(world, "vesting", "import", file, "--plan", plan, account=HOLDER)
    assert "Nothing was sent." in again
    assert granted(world, plan) == rows


def test_import__another_run_in_between__is_refused_and_nothing_doubled(
    world: World, token: str, plan: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have counted the same grants; what is approved would suffice for both."""
    rows = [(who, 1) for who in people(3)]
    give = ("vesting", "import", listed(tmp_path, rows), "--plan", plan)
    real = _vesting_import.next_batch

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(_vesting_import, "next_batch", real)
        assert "Done: 1 transaction sent." in done(world, *give, account=HOLDER)
        return real(*arguments)

    monkeypatch.setattr(_vesting_import, "next_batch", late)
    approve(world, token, 100)
    try:
        assert "nonce" in refused(world, *give, account=HOLDER)
    finally:
        approve(world, token, 0)
    assert granted(world, plan) == rows
    assert "Nothing was sent." in done(world, *give, account=HOLDER)


def test_import__dry_run__totals_and_gas_and_nothing_sent(world: World, plan: int, tmp_path: Path) -> None:
    file = listed(tmp_path, [(who, 100) for who in people(3)])
    block = world.anvil.rpc.block_number
    output = done(world, "vesting", "import", file, "--plan", plan, "--dry-run", account=HOLDER)
    assert world.anvil.rpc.block_number == block
    for told in (
        "kind        team: 2 grants, 200 TMB",
        "kind        adviser: 1 grants, 100 TMB",
        "list        3 grants, 300 TMB",
        "on chain    0 of them, 0 TMB",
        "approval    of 300 TMB goes first",
        "would send  approve 300 TMB for vesting: ",
        "would send  grant lines 2 to 4, 3 grants: about 190,000 gas, not estimated before the approval",
        "Dry run: nothing was sent.",
    ):
        assert told in output, output


def test_import__cannot_be__says_why_and_sends_nothing(
    world: World, token: str, plan: int, tmp_path: Path
) -> None:
    rows = [(who, 1) for who in people(3)]
    file = listed(tmp_path, rows)
    give = ("vesting", "import", file, "--plan")
    assert f"Only {dev_account(HOLDER).address}, who created plan {plan}, can grant" in refused(
        world, *give, plan, account=STRANGER
    )
    assert "There is no plan 99: they are numbered from 1 to" in refused(world, *give, 99, account=HOLDER)
    assert "fewer than --after 1" in refused(world, *give, plan, "--after", 1, account=HOLDER)
    told = refused(world, *give, plan, "--total", 4, account=HOLDER)
    assert "The list comes to 3 TMB, --total says 4" in told
    listed(tmp_path, [(token, 1)])
    assert f"Line 2: {token} is a contract" in refused(world, *give, plan, account=HOLDER)
    listed(tmp_path, [(people(1)[0], 2 * 10**9)])
    assert "lacks 1,0" in refused(world, *give, plan, account=HOLDER)
    assert granted(world, plan) == []


def test_import__other_list_than_the_plan_has__names_the_line(
    world: World, plan: int, tmp_path: Path
) -> None:
    rows = [(who, 1) for who in people(3)]
    file = listed(tmp_path, rows)
    give = ("vesting", "import", file, "--plan", plan)
    done(world, *give, account=HOLDER)
    listed(tmp_path, [rows[0], (rows[1][0], 2), rows[2]])
    told = refused(world, *give, account=HOLDER)
    assert f"Line 3 says {rows[1][0]} 2 TMB, but in its place the plan has {rows[1][0]} 1 TMB" in told
    listed(tmp_path, rows[:2])
    assert f"Plan {plan} has 3 grants, the list only 2" in refused(world, *give, account=HOLDER)
    more = [*rows, (people(4)[3], 7)]
    listed(tmp_path, more)
    assert "left        1 grants, 7 TMB" in done(world, *give, account=HOLDER)
    assert granted(world, plan) == more
    listed(tmp_path, [(people(5)[4], 5)])
    done(world, *give, "--after", 4, account=HOLDER)
    assert granted(world, plan) == [*more, (people(5)[4], 5)]


def test_status_release_revoke__a_tenth_vested__tell_and_do_the_numbers(
    world: World, token: str, tmp_path: Path
) -> None:
    start = world.now - DAY - 100
    curve = ("--token", token, "--start", start, "--duration", 10 * DAY, "--step", DAY)
    made = done(world, "vesting", "create", *curve, account=HOLDER)
    plan = int(re.findall(r"^plan +(\d+)$", made, re.M)[0])
    assert f"There is such a plan without grants already: {plan}" in done(
        world, "vesting", "create", *curve, account=HOLDER
    )
    who = people(3, "release")
    file = listed(tmp_path, [(one, 100) for one in who])
    done(world, "vesting", "import", file, "--plan", plan, account=HOLDER)

    told = done(world, "vesting", "status", plan, "--grant", 1)
    assert f"grant 1     {who[1]}: 100 TMB, 0 released, 10 TMB due" in told.replace(
        "0 TMB released", "0 released"
    )
    block = world.anvil.rpc.block_number
    dry = done(world, "vesting", "release", plan, "--dry-run", account=STRANGER)
    assert "would send  release 30 TMB to 3 grants: " in dry
    assert world.anvil.rpc.block_number == block
    assert "release 10 TMB to 1 grants" in done(
        world, "vesting", "release", plan, "--grant", 2, account=STRANGER
    )
    assert "release 20 TMB to 2 grants" in done(world, "vesting", "release", plan, account=STRANGER)
    assert "Nothing was sent." in done(world, "vesting", "release", plan, account=STRANGER)

    assert "Say which grants end" in refused(world, "vesting", "revoke", plan, account=HOLDER)
    assert "Only " in refused(world, "vesting", "revoke", plan, "--grant", 0, account=STRANGER)
    assert "has no grant 3: they are 0 to 2" in refused(
        world, "vesting", "revoke", plan, "--grant", 3, account=HOLDER
    )
    output = done(world, "vesting", "revoke", plan, "--grant", 0, account=HOLDER)
    assert f"{who[0]}: 90 TMB of 100 TMB return, 10 TMB vested by" in output
    assert "revoked already" in done(world, "vesting", "revoke", plan, "--grant", 0, account=HOLDER)
    later = start + 5 * DAY
    output = done(world, "vesting", "revoke", plan, "--grant", 1, "--at", later, account=HOLDER)
    assert "50 TMB of 100 TMB return, 50 TMB vested by" in output

    told = done(world, "vesting", "status", plan)
    for line in (
        "grants      3, 300 TMB",
        "vested      30 TMB: 30 TMB released, 0 TMB not yet",
        "revoked     2 grants, 140 TMB returned",
        "to vest     130 TMB",
    ):
        assert line in told, told


@pytest.mark.parametrize("start", ["tomorrow", "2027-01-01", "2027-01-01T00:00:00"])
def test_create__no_time_with_its_zone__says_what_to_write(world: World, token: str, start: str) -> None:
    told = refused(
        world, "vesting", "create", "--token", token, "--start", start, "--duration", 1, account=HOLDER
    )
    assert "write Unix seconds, or a time with its zone" in told
