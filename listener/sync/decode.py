"""Logs to rows: a plain step from a checked list of logs to `Facts` ready for COPY."""

import struct
from collections.abc import Iterable, Sequence

from listener.chain.abi import DecodeError
from listener.chain.faults import TransientError
from listener.mirror.batch import BlockMark, Facts, Problem
from listener.mirror.rows import EPOCH_2000_SECONDS, sanitised
from listener.sync.routes import Routes, Target
from listener.sync.wire import Log, hash_bytes


class Decoder:
    """Decodes and packs the logs that `routes` wants."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes

    def decode(self, facts: Facts, logs: Iterable[Log], marks: dict[str, BlockMark]) -> None:
        """Add the rows of `logs` to `facts`. `marks`: the block of each hex block number.

        Raises TransientError where a log is malformed in a way no chain produces: the provider is at fault.
        """
        by_address, rows, last_hash, transaction = self.routes.by_address, facts.rows, "", b""
        for log in logs:
            watch = by_address.get(log.address) or by_address.get(log.address.lower())
            if watch is None or not log.topics:
                continue
            targets = watch.targets.get(log.topics[0]) or watch.targets.get(log.topics[0].lower())
            if not targets:
                continue
            mark = marks[log.blockNumber]
            try:
                if log.transactionHash != last_hash:
                    last_hash, transaction = log.transactionHash, hash_bytes(log.transactionHash)
                index, time = int(log.logIndex, 16), (mark.time - EPOCH_2000_SECONDS) * 1_000_000
                for since, target in targets:
                    if mark.number < since:
                        continue
                    try:
                        row = target.pack(
                            mark.number,
                            mark.hash,
                            time,
                            index,
                            transaction,
                            watch.address,
                            target.decode(log.topics, log.data),
                        )
                    except (DecodeError, UnicodeEncodeError) as error:
                        where = (mark, index, transaction, watch.address)
                        self._keep(facts, target, log, where, error)
                        continue
                    facts.events += 1
                    name = target.table.name
                    if name in rows:
                        rows[name].append(row)
                    else:
                        rows[name] = [row]
            except (ValueError, struct.error) as error:
                raise TransientError(f"a log of block {mark.number} is malformed: {error}") from None

    def _keep(
        self,
        facts: Facts,
        target: Target,
        log: Log,
        where: tuple[BlockMark, int, bytes, bytes],
        error: DecodeError | UnicodeEncodeError,
    ) -> None:
        """Record an event its table cannot hold as it is: text is altered to fit, others get no row."""
        mark, index, transaction, address = where
        kind, reason = "undecodable", str(error)
        if isinstance(error, UnicodeEncodeError):
            kind, reason = "altered", "a text holds NUL or bytes that are no UTF-8; U+FFFD stands for them"
            time = (mark.time - EPOCH_2000_SECONDS) * 1_000_000
            values = sanitised(target.decode(log.topics, log.data))
            row = target.pack(mark.number, mark.hash, time, index, transaction, address, values)
            facts.rows.setdefault(target.table.name, []).append(row)
        facts.events += 1
        topics, data = [bytes.fromhex(topic[2:]) for topic in log.topics], bytes.fromhex(log.data[2:])
        problem = Problem(mark, index, transaction, address, target.table.name, kind, reason, topics, data)
        facts.problems.append(problem)

    def discover(self, logs: Sequence[Log]) -> None:
        """Watch the contracts that creating events among `logs` name."""
        creating = self.routes.creating_topics
        for log in logs:
            if not log.topics or log.topics[0] not in creating:
                continue
            watch = self.routes.by_address.get(log.address.lower())
            if watch is None:
                continue
            number = int(log.blockNumber, 16)
            for since, target in watch.targets.get(log.topics[0], ()):
                if not target.creations or number < since:
                    continue
                try:
                    values = target.decode(log.topics, log.data)
                except DecodeError:
                    continue
                for creation in target.creations:
                    self.routes.create(creation, "0x" + values[creation.position].hex(), number)
