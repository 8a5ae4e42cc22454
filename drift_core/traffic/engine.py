"""Where batches of a log are worked on: in this process, or by actors of Ray that each hold the model.

The work is one picklable function of a table, the same for both and for the recipe for Spark.
"""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drift_core.errors import DriftError, EngineError, SettingError
from drift_core.installation import need_extra
from drift_core.tables.paths import make_folder, reason_of

if TYPE_CHECKING:
    import pyarrow as pa

    Work = Callable[[pa.Table], pa.Table]

Name = Literal["local", "ray"]
WAITING = ".waiting-"  # begin of the folder of the batches that are to be worked on, which actors read
CPUS_AN_ACTOR = 0.5  # with one for each, none is left to those that read, and nothing moves (ray#44687)
OWN_ADDRESS = "127.0.0.1"
REACHED_WITHIN = 10.0  # seconds (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where work is done.

    Attributes
    ----------
    name
        ``local``, or ``ray``: on the cluster of RAY_ADDRESS, without it on this machine's processors.
    actors
        Processes that hold the model, for ``ray``; by default one a processor of the cluster, or one a GPU.
    gpus
        GPUs that each of them has for itself, 0 or more.
    """

    name: Name = "local"
    actors: int | None = None
    gpus: float = 0.0

    def __post_init__(self) -> None:
        if self.actors is not None and self.actors < 1:
            raise SettingError(f"Actors must be a whole number in [1, inf); found {self.actors}.")
        if self.gpus < 0:
            raise SettingError(f"GPUs an actor must be in [0, inf); found {self.gpus}.")
        if self.name == "local" and (self.actors is not None or self.gpus):
            raise SettingError("--actors and --gpus are those of Ray. Give --engine ray too.")

    def check(self) -> None:
        """Raise before the work where Ray is asked for and not installed."""
        if self.name == "ray":
            need_extra("ray", "The engine 'ray'", instead="The engine 'local' needs none of them.")

    def run(self, tables: "Iterable[pa.Table]", work: "Work", *, folder: str | Path) -> "Iterator[pa.Table]":
        """Give what the work makes of each table, as it is done; with several actors in no order.

        Parameters
        ----------
        folder
            Where batches wait for actors; with a cluster, one that all its machines have.
        """
        if self.name == "local":
            return map(work, tables)
        waiting = tempfile.mkdtemp(prefix=WAITING, dir=make_folder(folder))  # one for each of two runs at once
        return self._run_on_ray(tables, work, Path(waiting))

    def _run_on_ray(self, tables: "Iterable[pa.Table]", work: "Work", waiting: Path) -> "Iterator[pa.Table]":
        from pyarrow import parquet

        try:
            paths = []
            for place, table in enumerate(tables):
                paths.append(str((waiting / f"{place:08}.parquet").absolute()))
                parquet.write_table(table, paths[-1])
            if paths:
                yield from self._map(paths, work)
        finally:
            shutil.rmtree(waiting, ignore_errors=True)

    def _map(self, paths: list[str], work: "Work") -> "Iterator[pa.Table]":
        import pyarrow as pa

        with _connected() as ray, _own_errors():
            cluster = ray.cluster_resources()
            usual = cluster.get("GPU", 0.0) / self.gpus if self.gpus else cluster.get("CPU", 1.0)
            actors = min(self.actors or max(1, int(usual)), len(paths))
            from ray.data import ActorPoolStrategy

            found = (
                ray.data.from_items([{"path": path} for path in paths], override_num_blocks=len(paths))
                .map_batches(
                    _Actor,
                    fn_constructor_args=(work,),
                    batch_size=1,
                    batch_format="pyarrow",
                    compute=ActorPoolStrategy(size=actors),
                    num_cpus=CPUS_AN_ACTOR,
                    num_gpus=self.gpus or None,
                )
                .iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
            )
            for batch in found:
                yield pa.table(batch)


def _check_reachable(address: str) -> None:
    """Raise where nothing answers at HOST:PORT; Ray itself may ask for ten minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACHED_WITHIN).close()
    except (OSError, OverflowError) as error:
        raise _not_begun(address, error) from error


def _not_begun(address: str | None, error: Exception) -> EngineError:
    where = f"The Ray cluster at {address}" if address else "Ray on this machine"
    return EngineError(f"{where} cannot be begun: {reason_of(error)}. Check RAY_ADDRESS, or take --engine local.")


@contextmanager
def _connected() -> Iterator[Any]:
    """Ray on the cluster that the environment names, else on this machine alone; quiet, and without statistics.

    A connection that is there already is used, and left as it is.
    """
    address = os.environ.get("RAY_ADDRESS")
    _check_reachable(address or "")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # these are read when it is imported; it sends them otherwise
    if not address:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # by it Ray's ports are this machine's alone
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # the processes beside us write to our own stderr
    import ray
    import ray.data

    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    own: dict[str, Any] = {"address": "local", "include_dashboard": False, "_node_ip_address": OWN_ADDRESS}
    try:
        ray.init(**({"address": address} if address else own), **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _not_begun(address, error) from error
    try:
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def _own_errors() -> Iterator[None]:
    """What the work itself said comes out as it was said; what Ray says, as one error."""
    import ray

    try:
        yield
    except ray.exceptions.RayError as error:
        said: BaseException | None = error
        while said is not None and not isinstance(said, DriftError):
            said = getattr(said, "cause", None) or said.__cause__
        if said is not None:
            raise said from error
        raise EngineError(f"Ray gave up: {reason_of(error)}. What is done is kept; run it again.") from error


class _Actor:
    """Holds the work, and with it the model, as long as the actor lives."""

    def __init__(self, work: "Work") -> None:
        os.environ["OMP_NUM_THREADS"] = "1"  # one actor a processor; read when the model is loaded
        self._work = work

    def __call__(self, batch: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        from pyarrow import parquet

        return pa.concat_tables([self._work(parquet.read_table(path)) for path in batch["path"].to_pylist()])
