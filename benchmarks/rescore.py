"""How close re-scoring comes to what an endpoint allows: pairs x latency / calls in flight, and the same calls by hand.

The endpoint runs in a process of its own and answers after a fixed time. "By hand" is the official client's typed call
in a loop of workers, without ledger, cap or retries; it runs after the other in the same process. A first run, not
counted, loads the client.
"""

import asyncio
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
from openai import AsyncOpenAI

from drift_core import Cap, Rescoring, Teacher, rescore_list
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.prompt import Prompt

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.drift_core.rescoring import endpoint

IN_FLIGHT = 16
LATENCIES = {0.25: 1200, 0.5: 800, 1.0: 480}  # seconds a call: pairs


def main() -> None:
    """Print one line a latency: seconds allowed, taken, and taken by hand."""
    print(f"{IN_FLIGHT} in flight\nlatency  pairs  allowed s  rescore s  over   by hand s  over   CPU ms a call")
    for seconds, n_pairs in LATENCIES.items():
        here, there = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, seconds), daemon=True)
        server.start()
        url = here.recv()
        _rescore(url, IN_FLIGHT)
        allowed = n_pairs * seconds / IN_FLIGHT
        taken, cpu = _timed(lambda url=url, n=n_pairs: _rescore(url, n))
        by_hand, _ = _timed(lambda url=url, n=n_pairs: asyncio.run(_by_hand(url, n)))
        here.send("end")
        server.join()
        over, over_by_hand = taken / allowed - 1, by_hand / allowed - 1
        print(
            f"{seconds:>7}  {n_pairs:>5}  {allowed:>9.2f}  {taken:>9.2f}  {over:>4.0%}  {by_hand:>10.2f}  "
            f"{over_by_hand:>4.0%}  {1000 * cpu / n_pairs:>14.1f}",
            flush=True,
        )


def _timed(work: object) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    work()  # type: ignore[operator]
    return time.perf_counter() - began, time.process_time() - cpu


def _serve(pipe: Connection, seconds: float) -> None:
    with endpoint.serve(seconds=seconds) as teacher:
        pipe.send(teacher.url)
        pipe.recv()


def _pairs(n: int) -> pd.DataFrame:
    return pd.DataFrame({"query": [f"query {i}" for i in range(n)], "doc": [f"doc {i}" for i in range(n)]})


def _rescore(url: str, n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.parquet"
        _pairs(n).to_parquet(path)
        order = Rescoring(
            teacher=Teacher(model="judge", url=url), cap=Cap(max_calls=2 * n), pace=Pace(concurrency=IN_FLIGHT)
        )
        assert rescore_list(path, Path(folder) / "ledger", rescoring=order).is_complete


async def _by_hand(url: str, n: int) -> None:
    prompt, pairs = Prompt(), iter(_pairs(n).itertuples())
    async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:

        async def worker() -> None:
            for pair in pairs:
                text = prompt.text(pair.query, pair.doc)
                reply = await client.chat.completions.create(
                    model="judge", messages=[{"role": "user", "content": text}], max_tokens=256, temperature=0
                )
                assert prompt.answer.read(reply.choices[0].message.content or "") == 0.5

        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


if __name__ == "__main__":
    main()
