"""What was done by whom, in a log that is only added to and chained by hashes.

`service.record` adds an event in the caller's transaction. `chain.chain` links what was committed, events and
ledger entries alike, a batch at a time and apart from the transactions that wrote them; `verify.verify` reads the
chain with code of its own and names every row that is not what was chained.
"""
