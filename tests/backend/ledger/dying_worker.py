"""`python -m tests.backend.ledger.dying_worker URL LAST DEBIT CREDIT`: moves 1 for each number up to LAST, under the
number's key, over four connections. It is somebody else who kills it.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg

TRANSFER = "SELECT app.ledger_apply($1, 'transfer', $2, $3, 1, 0, 'test', '', 'test:worker')"


async def main(url: str, last: int, debit: int, credit: int) -> None:
    numbers = iter(range(1, last + 1))

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for number in numbers:
            await connection.execute(TRANSFER, f"work:{number}", debit, credit)
        await connection.close()

    await asyncio.gather(*(work() for _ in range(4)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *(int(number) for number in sys.argv[2:])))
