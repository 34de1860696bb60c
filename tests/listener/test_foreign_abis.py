"""Any contract's events as typed tables by adding its ABI: contracts of others, and ABIs nobody wrote."""

import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listener.chain.events import AbiType
from tests.listener.chain.test_abi import TYPES, parse, values_of
from tests.listener.fake_chain import FakeChain
from tests.listener.foreign import (
    COMPOUND_COMPTROLLER,
    UNISWAP_V3_FACTORY,
    UNISWAP_V3_POOL,
    WETH9,
    Entry,
    canonical,
    column,
    encoded,
    events,
    openzeppelin,
    random_values,
    topic0,
    written,
)
from tests.listener.rig import Rig
from tests.support.anvil import Anvil, dev_account
from tests.support.waiting import wait_until

POOL = "0x" + "60" * 20
PROTOCOLS: dict[str, list[Entry]] = {
    "WETH9": written(WETH9),
    "Erc721": openzeppelin("ERC721"),
    "Erc1155": openzeppelin("ERC1155"),
    "Governor": openzeppelin("Governor"),
    "Timelock": openzeppelin("TimelockController"),
    "Comptroller": written(COMPOUND_COMPTROLLER),
    "UniswapV3Factory": written(UNISWAP_V3_FACTORY),
}
ADDRESSES = {name: f"0x{number:040x}" for number, name in enumerate(PROTOCOLS, 0xE0000)}
REGISTRY: dict[str, Any] = {
    "chain_id": 31337,
    "contracts": {
        **{
            name: {"address": ADDRESSES[name], "first_block": 0, "abi": abi}
            for name, abi in PROTOCOLS.items()
        },
        "Pool": {
            "abi": written(UNISWAP_V3_POOL),
            "created_by": {"contract": "UniswapV3Factory", "event": "PoolCreated", "argument": "pool"},
        },
    },
}


@pytest.fixture
def emitting() -> Iterator[Anvil]:
    """A chain of its own, so that the test's blocks are all there are."""
    with Anvil() as chain:
        yield chain


def emitter(topics: int) -> str:
    """Code that logs its calldata, `topics` words and then the data: see the EVM's CALLDATACOPY and LOG0-4."""
    size = f"60{32 * topics:02x}3603"
    words = "".join(f"60{32 * n:02x}35" for n in reversed(range(topics)))
    return f"0x{size}60{32 * topics:02x}600037{words}{size}6000a{topics}00"


def emit(chain: Anvil, address: str, entry: Entry, values: list[Any]) -> None:
    topics, data = encoded(entry, values)
    chain.call("anvil_setCode", address, emitter(len(topics)))
    call = {"from": dev_account(0).address, "to": address, "data": "0x" + (b"".join(topics) + data).hex()}
    sent = chain.call("eth_sendTransaction", call)
    # The next event may need other code: this one must be mined before.
    wait_until(lambda: chain.call("eth_getTransactionReceipt", sent))


def table_of(rig: Rig, contract: str, entry: Entry) -> str:
    """The table that holds an event, as the mirror's own list says."""
    inside = ",".join(canonical(a) + " indexed" * a["indexed"] for a in entry["inputs"])
    found = rig.query(
        "SELECT DISTINCT table_name FROM mirror.source WHERE contract = %s AND signature = %s",
        contract,
        f"{entry['name']}({inside})",
    )
    assert len(found) == 1, entry
    return str(found[0][0])


def rows_of(rig: Rig, table: str) -> list[tuple[Any, ...]]:
    """Address and arguments of every event, in order; the name needs no quotes."""
    rows = rig.query(f"SELECT * FROM mirror.{table} ORDER BY block_number, log_index")
    return [row[5:] for row in rows]


def assert_rows(rig: Rig, table: str, wanted: list[tuple[Any, ...]]) -> None:
    """The same values of the same types: Decimal(5) is equal to 5, numeric is not bigint."""
    found = rows_of(rig, table)
    assert found == wanted, table
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in wanted], table


def expected_row(address: str, entry: Entry, values: list[Any]) -> tuple[Any, ...]:
    columns = [column(argument, value) for argument, value in zip(entry["inputs"], values, strict=True)]
    return (bytes.fromhex(address[2:]), *columns)


def test_contracts_of_others__emitted_on_anvil__every_value_in_its_column(emitting: Anvil, rig: Rig) -> None:
    """54 events of eight contracts, three random ones each; the pool is found through its factory."""
    rng = random.Random(7)
    sent: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    created = next(e for e in PROTOCOLS["UniswapV3Factory"] if e["name"] == "PoolCreated")
    created_values = ["0x" + "01" * 20, "0x" + "02" * 20, 3000, 60, POOL]
    emit(emitting, ADDRESSES["UniswapV3Factory"], created, created_values)
    abis = {ADDRESSES[name]: (name, abi) for name, abi in PROTOCOLS.items()}
    abis[POOL] = ("Pool", written(UNISWAP_V3_POOL))
    count = 0
    for address, (name, abi) in abis.items():
        for entry in events(abi):
            key = (name, topic0(entry).hex())
            sent[key] = []
            if entry is created:
                sent[key].append(expected_row(address, entry, created_values))
            for _ in range(3):
                values = random_values(entry, rng)
                emit(emitting, address, entry, values)
                sent[key].append(expected_row(address, entry, values))
            count += 1
    assert count >= 50
    assert len(events(PROTOCOLS["Comptroller"])) == 21
    rig.write(REGISTRY)
    head = int(str(emitting.call("eth_blockNumber")), 16)
    process = rig.command("run", "--until-block", str(head), RPC_URLS=emitting.url)
    assert process.wait() == 0, process.text
    for name, abi in abis.values():
        for entry in events(abi):
            assert_rows(rig, table_of(rig, name, entry), sent[name, topic0(entry).hex()])
    assert rig.query("SELECT count(*) FROM mirror.problem") == [(0,)]


_WORDS = (
    "",
    "from",
    "select",
    "user",
    "block_number",
    "address",
    "xmin",
    "value",
    "Value",
    "VALUE",
    "_value",
    "value_2",
    "$",
    "été",
    "數量",
    "a" * 63,
    "a" * 64,
    "veryLongName" * 9,
    "1st",
    "arg0",
)
_NAMES = st.one_of(st.sampled_from(_WORDS), st.from_regex(r"\A[A-Za-z_$][A-Za-z0-9_$]{0,20}\Z"))
_EVENT_NAMES = st.one_of(
    st.sampled_from(("Transfer", "Set", "User", "Order", "Table", "A" * 80, "été")),
    st.from_regex(r"\A[A-Za-z_$][A-Za-z0-9_$]{0,12}\Z"),
)


def _as_abi(kind: AbiType, name: str, draw: st.DrawFn) -> Entry:
    """A type as a JSON ABI has it; tuples get component names, or not."""
    suffix = ""
    while kind.kind == "array":
        suffix = f"[{'' if kind.size is None else kind.size}]" + suffix
        kind = kind.items[0]
    if kind.kind != "tuple":
        return {"name": name, "type": kind.canonical + suffix}
    named = draw(st.booleans())
    components = [_as_abi(item, f"part{n}" if named else "", draw) for n, item in enumerate(kind.items)]
    return {"name": name, "type": "tuple" + suffix, "components": components}


@st.composite
def contract_events(draw: st.DrawFn) -> tuple[Entry, list[list[Any]]]:
    """An event nobody wrote, and up to three sets of values for it."""
    kinds = [parse(text) for text in draw(st.lists(TYPES, max_size=6))]
    inputs, indexed = [], 0
    for kind in kinds:
        is_indexed = indexed < 3 and draw(st.booleans())
        indexed += is_indexed
        inputs.append({**_as_abi(kind, draw(_NAMES), draw), "indexed": is_indexed})
    values = [
        [
            draw(
                st.binary(min_size=32, max_size=32) if a["indexed"] and not kind.is_value else values_of(kind)
            )
            for a, kind in zip(inputs, kinds, strict=True)
        ]
        for _ in range(draw(st.integers(0, 3)))
    ]
    entry = {"type": "event", "name": draw(_EVENT_NAMES), "anonymous": False, "inputs": inputs}
    return entry, values


def _clear(rig: Rig) -> None:
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'mirror'").fetchall()
        for (name,) in tables:
            db.execute(f"DROP TABLE mirror.{name}".encode())


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # a smaller example would take minutes: test_abi.py finds it
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(
    contracts=st.lists(st.lists(contract_events(), min_size=1, max_size=8), min_size=1, max_size=4),
    names=st.lists(_EVENT_NAMES.filter(str.isascii), min_size=4, max_size=4, unique_by=str.lower),
)
def test_abis_nobody_wrote__every_value_in_its_column(
    rig: Rig, contracts: list[list[tuple[Entry, list[list[Any]]]]], names: list[str]
) -> None:
    _clear(rig)
    registry: dict[str, Any] = {}
    logs, sent = [], {}
    for number, cases in enumerate(contracts):
        name, address = names[number].replace("$", "_"), f"0x{number + 1:040x}"
        abi = []
        for entry, values in cases:
            key = (name, topic0(entry).hex())
            if key in sent:  # the same signature twice in one ABI
                continue
            abi.append(entry)
            sent[key] = (entry, [expected_row(address, entry, one) for one in values])
            for one in values:
                topics, data = encoded(entry, one)
                logs.append(
                    {
                        "address": address,
                        "topics": ["0x" + topic.hex() for topic in topics],
                        "data": "0x" + data.hex(),
                    }
                )
        registry[name] = {"address": address, "first_block": 0, "abi": abi}
    with FakeChain() as chain:
        chain.mine(*(logs[n : n + 3] for n in range(0, len(logs), 3)))
        rig.write({"chain_id": 31337, "contracts": registry})
        rig.mirror_until(chain.head, chain.url)
    for (name, _), (entry, wanted) in sent.items():
        table = table_of(rig, name, entry)
        assert len(table) <= 63
        assert_rows(rig, table, wanted)
        columns = [
            row[0]
            for row in rig.query(
                f"SELECT column_name FROM information_schema.columns"
                f" WHERE table_schema = 'mirror' AND table_name = '{table}' ORDER BY ordinal_position"
            )
        ]
        rig.query(f"SELECT {', '.join(columns)} FROM mirror.{table}")  # no name needs quotes


def test_every_width__least_and_greatest_value(chain: FakeChain, rig: Rig) -> None:
    """uint8…uint256, int8…int256, bytes1…bytes32: as an argument, indexed, and in an array."""
    address, abi, sent, logs = "0x" + "01" * 20, [], {}, []
    for size in range(1, 33):
        bits = size * 8
        for kind, low, high in (
            (f"uint{bits}", 0, 2**bits - 1),
            (f"int{bits}", -(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
            (f"bytes{size}", bytes(size), b"\xff" * size),
        ):
            entry = written(f"Of_{kind}({kind} plain, {kind} indexed topic, {kind}[] list)")[0]
            abi.append(entry)
            sent[kind] = (entry, [[low, high, [low, high]], [high, low, []]])
            for values in sent[kind][1]:
                topics, data = encoded(entry, values)
                log = {"topics": ["0x" + topic.hex() for topic in topics], "data": "0x" + data.hex()}
                logs.append({"address": address, **log})
    chain.mine(*(logs[n : n + 10] for n in range(0, len(logs), 10)))
    rig.write({"chain_id": 31337, "contracts": {"Wide": {"address": address, "first_block": 0, "abi": abi}}})
    rig.mirror_until(chain.head, chain.url)
    for entry, cases in sent.values():
        assert_rows(rig, table_of(rig, "Wide", entry), [expected_row(address, entry, one) for one in cases])
    assert rig.query("SELECT count(*) FROM mirror.problem") == [(0,)]


def test_anonymous_event__has_no_table_and_stops_nothing(chain: FakeChain, rig: Rig) -> None:
    """No topic names an anonymous event, so nobody can tell its logs from others': it is left out."""
    ghost: Entry = {
        "type": "event",
        "name": "Ghost",
        "anonymous": True,
        "inputs": [{"name": "what", "type": "uint256", "indexed": True}],
    }
    seen = written("Seen(uint256 what)")[0]
    address = "0x" + "01" * 20
    rig.write(
        {
            "chain_id": 31337,
            "contracts": {"Haunted": {"address": address, "first_block": 0, "abi": [ghost, seen]}},
        }
    )
    topics, data = encoded(seen, [7])
    chain.mine(
        [
            {"address": address, "topics": ["0x" + "00" * 31 + "05"], "data": "0x"},
            {"address": address, "topics": ["0x" + topics[0].hex()], "data": "0x" + data.hex()},
        ]
    )
    rig.mirror_until(chain.head, chain.url)
    assert {name: len(rows) for name, rows in rig.rows().items()} == {"haunted_seen": 1}
    assert rig.query("SELECT count(*) FROM mirror.problem") == [(0,)]
