"""What importing the library costs beside the two packages that every analyst has imported anyway."""

import subprocess
import sys
import time

REPEATS = 7


def seconds(statement: str) -> float:
    """Shortest wall time of a fresh interpreter that runs the statement."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    usual = seconds("import numpy, pandas")
    print(f"import drift_core: {seconds('import drift_core') / usual:.2f} x import numpy, pandas")
    reading = "from drift_core import ScoredPairs, Settings"
    print(f"{reading}: {seconds(reading) / usual:.2f} x import numpy, pandas")


if __name__ == "__main__":
    main()
