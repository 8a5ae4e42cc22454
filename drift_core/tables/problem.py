"""What is wrong with an input, said once."""

from dataclasses import dataclass

ONE_QUERY, RANGE_CUT = PART = "one_query", "student_range_cut"  # of samples that are compared in part; findings too


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input, said once.

    Attributes
    ----------
    name
        Stable name of the kind of problem, such as ``missing_score``.
    message
        A sentence for the reader, with the count, the first rows and what to do.
    n_rows
        How many rows are affected; 0 when the problem is not one of rows.
    rows
        The first affected rows, counted from 1 without the header.
    left_out
        Whether those rows were left out of the sample.
    figures
        Names and values of the figures in the message, where it has some of its own.
    """

    name: str
    message: str
    n_rows: int = 0
    rows: tuple[int, ...] = ()
    left_out: bool = False
    figures: tuple[tuple[str, float], ...] = ()
