"""Whether outputs keep their structure, apart from what is in them: shares, falls, and what they say."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.operations.output_schema import LEVEL_WORDS, Level, OutputSchema

Side = Literal["held-out", "production"]
Model = Literal["teacher", "student"]
N_NAMED = 3
MEND = "Mend the structure apart from the content: by constrained decoding, or training pairs with whole outputs."


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureShare:
    """The share of one model's outputs in one sample, or one region of it, that keep a level of the structure.

    Attributes
    ----------
    side, model, level
        Where, whose outputs, and what they keep.
    partition, region
        None for the whole sample.
    share
        With its interval.
    """

    side: Side
    model: Model
    level: Level
    share: Measurement
    partition: str | None = None
    region: str | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "side": self.side,
            "model": self.model,
            "level": self.level,
            "partition": self.partition,
            "region": self.region,
            "share": self.share.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureFall:
    """By how much the student's share fell from held-out to production; a new region is held against all of held-out.

    `is_sure` where the whole interval lies above 0 and the fall is as large as the smallest that is named.
    """

    fall: Measured
    is_sure: bool
    partition: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStructure:
    """What is known of the structure of the outputs; empty where the samples hold none.

    Attributes
    ----------
    schema
        What they were held against; None where only parsing was.
    shares
        The whole of each sample at each level, then every region at the last.
    falls
        The student's, at the last level: the whole first, then regions.
    fault
        What is wrong most often with the student's outputs in production; None where nothing is, or without a schema.
    """

    schema: OutputSchema | None = None
    shares: tuple[StructureShare, ...] = ()
    falls: tuple[StructureFall, ...] = ()
    fault: str | None = None

    def __bool__(self) -> bool:
        return bool(self.shares)

    @property
    def level(self) -> Level:
        """The last level, by which the student is judged."""
        return "parses" if self.schema is None else "schema"

    @property
    def finding(self) -> str | None:
        """That the student's outputs lost structure, as a whole or in regions; None where no fall is sure."""
        sure = [each for each in self.falls if each.is_sure]
        if not sure:
            return None
        whole = sure[0] if sure[0].region is None else None
        more_than = 0.0 if whole is None else whole.fall.estimate
        names = [each.region for each in sure if each.region is not None and each.fall.low > more_than]
        n_more = len(names) - N_NAMED
        where = "; ".join(names[:N_NAMED]) + (f" and {n_more} more" if n_more > 0 else "")
        if whole is None:
            less = f"The student's outputs {self._words} less often in production than in held-out in {where}."
            return f"{less}{self._fault} {MEND}"
        shown = {side: self._whole(side, "student") for side in ("held-out", "production")}
        teacher = self._whole("production", "teacher")
        beside = f"; of the teacher's {teacher:.0%} do" if isinstance(teacher, Measured) else ""
        most = f" More so in {where}." if names else ""
        return (
            f"{shown['production']:.0%} of the student's outputs {self._words} in production, of held-out's "
            f"{shown['held-out']:.0%}{beside}.{most}{self._fault} {MEND}"
        )

    @property
    def sentence(self) -> str:
        """The shares of both models on production in words, with held-out's, and what is wrong most often."""
        told = [
            f"{share:.0%} of the {model}'s"
            for model in ("teacher", "student")
            if isinstance(share := self._whole("production", model), Measured)
        ]
        if not told:
            return "Too few outputs to measure their structure."
        by = "" if self.schema is None else ", by the schema given"
        learned = ", as the teacher's outputs in held-out do" if self.schema and self.schema.is_learned else by
        before = self._whole("held-out", "student")
        of_held = f" In held-out {before:.0%} of the student's do." if isinstance(before, Measured) else ""
        return f"On production {' and '.join(told)} outputs {self._words}{learned}.{of_held}{self._fault}"

    @property
    def table(self) -> pd.DataFrame:
        """One row a part, model and level: the share in held-out and in production."""
        rows: dict[tuple[str, str, str], dict[str, str]] = {}
        for each in self.shares:
            part = "All pairs" if each.region is None else f"{each.partition}: {each.region}"
            key = (part, each.model.capitalize(), _titled(LEVEL_WORDS[each.level]))
            rows.setdefault(key, {})[each.side] = format(each.share, ".1%")
        return pd.DataFrame(
            [
                {"Part": part, "Outputs of": model, "That": level}
                | {"Held-out": found.get("held-out", ""), "Production": found.get("production", "")}
                for (part, model, level), found in rows.items()
            ]
        )

    def to_json(self) -> dict[str, object] | None:
        if not self:
            return None
        return {
            "sentence": self.sentence,
            "finding": self.finding,
            "fault": self.fault,
            "schema": None if self.schema is None else dict(self.schema.document),
            "is_learned": self.schema is not None and self.schema.is_learned,
            "shares": [each.to_json() for each in self.shares],
            "falls": [
                {"partition": each.partition, "region": each.region, "is_sure": each.is_sure, **each.fall.to_json()}
                for each in self.falls
            ],
        }

    @property
    def _fault(self) -> str:
        return "" if self.fault is None else f" Most often {self.fault}."

    @property
    def _words(self) -> str:
        return LEVEL_WORDS[self.level]

    def _whole(self, side: str, model: str) -> Measurement:
        found = (
            each.share
            for each in self.shares
            if (each.side, each.model, each.level, each.region) == (side, model, self.level, None)
        )
        return next(found, Unmeasured(reason="no outputs"))


def _titled(words: str) -> str:
    return words[:1].upper() + words[1:]
