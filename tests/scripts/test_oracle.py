"""The oracle: a beacon that speaks drand's API, and one answer to each VRF request."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from listener.chain.draw import drand, ecvrf
from scripts._evidence import Log, VrfEvidence
from scripts._read_draw import read_contest
from tests.scripts.world import World
from tests.support.anvil import Anvil
from tests.support.processes import ROOT, Process
from tests.support.waiting import wait_until
from tools.oracle import prover
from tools.oracle.beacon import Beacon
from tools.oracle.key import BeaconKey, load_or_create
from tools.oracle.settings import SettingError, load_settings
from tools.ports import free_port

ACCOUNTS = ["a", "b", "c"]
LIST = b"user\na\nb\nc\n"


def _salt() -> bytes:
    """One above all before: the contest takes no other for the same post."""
    return time.time_ns().to_bytes(28) + bytes(4)


def _get(world: World, path: str) -> tuple[int, Any]:
    url = f"http://127.0.0.1:{world.beacon_port}/{path}"
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def _words(world: World, name: str) -> list[Log]:
    contract = world.registry.contract(name)
    return [log for log in world.reader.logs(contract, []) if log.name == "VrfWordAccepted"]


def test_beacon__published_round__signature_verifies(world: World) -> None:
    chain = world.key.chain_hash.hex()

    status, found = _get(world, f"{chain}/public/5")

    assert status == 200
    assert found["round"] == 5
    signature = bytes.fromhex(found["signature"])
    assert drand.verify(world.key.public_key, 5, signature)
    assert found["randomness"] == drand.randomness_of(signature).hex()


def test_beacon__info__as_drand_tells_it(world: World) -> None:
    status, found = _get(world, f"{world.key.chain_hash.hex()}/info")

    assert status == 200
    assert found["hash"] == world.key.chain_hash.hex()
    assert found["schemeID"] == "bls-unchained-g1-rfc9380"
    assert found["public_key"] == drand.compress_key(world.key.public_key).hex()
    assert (found["period"], found["genesis_time"]) == (1, world.key.genesis_time)


def test_beacon__latest_and_future_rounds__latest_and_425(world: World) -> None:
    chain = world.key.chain_hash.hex()

    status, latest = _get(world, f"{chain}/public/latest")

    assert status == 200
    assert abs(latest["round"] - (int(time.time()) - world.key.genesis_time + 1)) <= 1
    status, headers = _get(world, f"{chain}/public/{latest['round'] + 1000}")
    assert status == 425
    assert int(headers["Retry-After"]) > 900
    assert _get(world, f"{chain}/public/0")[0] == 404
    assert _get(world, f"{'00' * 32}/public/5")[0] == 404


async def test_beacon__clock_at_a_round_boundary__publishes_then_and_not_before() -> None:
    key = BeaconKey(secret=7, genesis_time=1_000)
    times = {"now": 1_000.0}
    beacon = Beacon(key, lambda: times["now"])

    assert beacon.latest == 1
    times["now"] = 1_000.99
    assert beacon.latest == 1
    times["now"] = 1_001.0
    assert beacon.latest == 2
    assert await beacon.signature(2) == key.sign(2)
    beacon.close()


def test_vrf__requests_before_and_after_a_restart__answered_once_each(world: World) -> None:
    before = len(_words(world, "Contest"))
    first = world.open_contest(LIST, ACCOUNTS, _salt(), "elsewhere")
    world.await_word("Contest", first)

    with _second_oracle(world) as second_oracle:
        contest = world.open_contest(LIST, ACCOUNTS, _salt(), "elsewhere")
        world.await_word("Contest", contest)
        second_oracle.wait_for_output("answering VRF requests")

    assert len(_words(world, "Contest")) == before + 2


def _second_oracle(world: World) -> Process:
    """A second oracle, as after a restart: it finds every earlier request answered."""
    other = World(world.folder, world.anvil, world.key)
    return other.oracle()


def test_vrf__node_away_at_first__answers_when_it_is_there(world: World) -> None:
    port = free_port()
    away = World(world.folder, world.anvil, world.key)
    env = {**away.env, "RPC_URLS": f"http://127.0.0.1:{port}"}
    with Process([sys.executable, "-m", "tools.oracle"], env=env) as oracle:
        oracle.wait_for_output("the chain gives no answer", timeout=30)
        with Anvil(port=port) as anvil:
            anvil.call("anvil_loadState", world.anvil.call("anvil_dumpState"))
            back = World(world.folder, anvil, world.key)
            before = len(_answers(back))
            back.open_contest(LIST, ACCOUNTS, _salt(), "elsewhere")
            anvil.mine()
            wait_until(
                lambda: len(_answers(back)) > before, 20, what="an answer, be it too late for the draw"
            )

            assert len(_answers(back)) == before + 1


def test_vrf__several_requests_in_one_block__all_answered(world: World) -> None:
    first = world.view("Contest", "contestCount") + 1
    world.anvil.call("evm_setAutomine", False)
    try:
        for post in ("one", "two", "three"):
            world.submit("Contest", "open", world.contest(LIST, ACCOUNTS, _salt(), post))
        world.anvil.mine()
    finally:
        world.anvil.call("evm_setAutomine", True)
    world.anvil.mine()

    drawn = range(first, first + 3)
    wait_until(lambda: all(_word(world, contest) for contest in drawn), 20, what="three words")

    logs = world.reader.logs(world.registry.contract("Contest"), [])
    asked = [log for log in logs if log.name == "DrawRequested" and log.args["drawId"] in drawn]
    assert len(asked) == 3
    assert len({log.block for log in asked}) == 1
    assert len({_word(world, contest) for contest in drawn}) == 3


def test_vrf__request_moved_by_a_reorg__proved_anew_for_its_new_block(world: World) -> None:
    salt = _salt()
    before = world.anvil.call("evm_snapshot")
    old = _proven(world, salt)
    assert world.anvil.call("evm_revert", before)
    world.skip(3)

    new = _proven(world, salt)

    assert new.request.request_id == old.request.request_id
    assert new.request.block_hash != old.request.block_hash
    with pytest.raises(ecvrf.ProofError):
        ecvrf.verify(ecvrf.Proof.from_words(old.proof), new.request.block_hash)
    assert ecvrf.verify(ecvrf.Proof.from_words(new.proof), new.request.block_hash)


def test_vrf__stopped_before_the_request_was_confirmed__answers_after_the_start(world: World) -> None:
    with Anvil() as anvil:
        anvil.call("anvil_loadState", world.anvil.call("anvil_dumpState"))
        alone = World(world.folder, anvil, world.key)
        before = len(_answers(alone))
        with alone.oracle() as oracle:
            oracle.wait_for_output("answering VRF requests")
            alone.open_contest(LIST, ACCOUNTS, _salt(), "elsewhere")
            oracle.signal(signal.SIGTERM)
            assert oracle.wait() == 0
        assert len(_answers(alone)) == before
        anvil.mine()

        with alone.oracle():
            wait_until(lambda: len(_answers(alone)) > before, 20, what="an answer")

        assert len(_answers(alone)) == before + 1


def test_vrf__away_for_too_long__says_which_requests_it_missed(world: World) -> None:
    with Anvil() as anvil:
        anvil.call("anvil_loadState", world.anvil.call("anvil_dumpState"))
        alone = World(world.folder, anvil, world.key)
        contest = alone.open_contest(LIST, ACCOUNTS, _salt(), "elsewhere")
        anvil.call("anvil_mine", hex(300))

        with alone.oracle() as oracle:
            oracle.wait_for_output("is too old to be answered", timeout=20)
            assert "Its draw goes on with drand alone" in oracle.text

        alone.finalise("Contest", contest)
        assert _word(alone, contest) == 0


def _word(world: World, contest: int) -> int:
    return int(world.view("Contest", "drawOf", contest)[5])


def _proven(world: World, salt: bytes) -> VrfEvidence:
    """A new contest's request and its answer."""
    contest = world.open_contest(LIST, ACCOUNTS, salt, "moved")
    world.await_word("Contest", contest)
    world.finalise("Contest", contest)
    found = read_contest(world.reader, world.registry, contest).draw.vrf
    assert found is not None
    return found


def _answers(world: World) -> list[Log]:
    logs = world.reader.logs(world.registry.contract("VRFCoordinator"), [])
    return [log for log in logs if log.name == "RandomWordsFulfilled"]


def test_oracle__sigterm__ends(world: World) -> None:
    other = World(world.folder, world.anvil, world.key)
    with other.oracle() as oracle:
        oracle.signal(signal.SIGTERM)

        assert oracle.wait() == 0


def test_init__same_folder_twice__same_constants_and_private_file(tmp_path: Path) -> None:
    first, second = (_init(tmp_path) for _ in range(2))

    proving_key = prover.load_or_create(tmp_path).public
    vrf = "".join(f"{part:064x}" for part in proving_key)
    assert first == second == {**load_or_create(tmp_path).deployment_info(), "vrf_public_key": vrf}
    assert len(bytes.fromhex(first["public_key"])) == 192
    for name in ("beacon.json", "vrf.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def _init(folder: Path) -> Any:
    command = [sys.executable, "-m", "tools.oracle", "init"]
    env = {**os.environ, "STATE_DIR": str(folder)}
    return json.loads(subprocess.run(command, env=env, cwd=ROOT, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("missing", ["RPC_URLS", "REGISTRY", "ORACLE_KEY_FILE"])
def test_settings__missing_variable__named(missing: str) -> None:
    env = {"RPC_URLS": "http://x", "REGISTRY": "r.json", "ORACLE_KEY_FILE": "k"}
    del env[missing]

    with pytest.raises(SettingError, match=missing):
        load_settings(env)


def test_oracle__live_chain__refused(world: World, tmp_path: Path) -> None:
    registry = json.loads(Path(world.env["REGISTRY"]).read_text())
    live = tmp_path / "137.json"
    live.write_text(json.dumps({**registry, "chain_id": 137}))

    with Process([sys.executable, "-m", "tools.oracle"], env={**world.env, "REGISTRY": str(live)}) as oracle:
        assert oracle.wait() == 1
        assert "serves chain 31337 only" in oracle.text
