"""The room that a student takes on disk and in memory, and the record of what it takes and manages."""

import sys
from dataclasses import dataclass
from pathlib import Path

from drift_core.retraining.student import Student
from drift_core.retraining.throughput import Throughput
from drift_core.version import VERSION

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The room that a student takes.

    Attributes
    ----------
    disk_bytes
        All files of its folder, hidden ones left out.
    weight_bytes
        Its weights in memory.
    peak_bytes
        The most memory of this process since its start, tables and libraries included; None where the system
        tells none.
    device_peak_bytes
        The most memory on the GPU; None on a CPU.
    """

    disk_bytes: int
    weight_bytes: int
    peak_bytes: int | None
    device_peak_bytes: int | None

    @property
    def sentence(self) -> str:
        """The room in words."""
        device = f", at most {_mega(self.device_peak_bytes)} on the GPU" if self.device_peak_bytes is not None else ""
        peak = f"; this process took at most {_mega(self.peak_bytes)}" if self.peak_bytes is not None else ""
        return (
            f"The student takes {_mega(self.disk_bytes)} on disk, its weights {_mega(self.weight_bytes)}{device}{peak}."
        )

    def to_json(self) -> dict[str, object]:
        return {
            "sentence": self.sentence,
            "disk_bytes": self.disk_bytes,
            "weight_bytes": self.weight_bytes,
            "peak_bytes": self.peak_bytes,
            "device_peak_bytes": self.device_peak_bytes,
        }


def _mega(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def performance_to_json(student: Student, footprint: Footprint, throughput: Throughput | None) -> dict[str, object]:
    """What a student takes and manages, as plain JSON."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "student": {"path": str(student.path), "digest": student.digest},
        "footprint": footprint.to_json(),
        "throughput": None if throughput is None else throughput.to_json(),
    }


def footprint_of(student: Student) -> Footprint:
    """The room that a loaded student takes on disk and in memory, so far in this process."""
    files = [each for each in student.path.rglob("*") if each.is_file() and not _is_hidden(each, student.path)]
    weights = sum(each.numel() * each.element_size() for each in student.model.parameters())
    return Footprint(
        disk_bytes=sum(each.stat().st_size for each in files),
        weight_bytes=weights,
        peak_bytes=_peak_bytes(),
        device_peak_bytes=_device_peak_bytes(student),
    )


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _peak_bytes() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _device_peak_bytes(student: Student) -> int | None:
    import torch

    device = student.model.device
    return int(torch.cuda.max_memory_allocated(device)) if device.type == "cuda" else None
