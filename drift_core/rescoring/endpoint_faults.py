"""What a run says when the endpoint is why it ends: what happened, where, what is kept, what to do."""

from dataclasses import dataclass

from drift_core.errors import EndpointError
from drift_core.rescoring.ledger import Pin
from drift_core.rescoring.reply import Answer, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults of one endpoint; `address` is told as it is, so nothing secret is in it."""

    address: str

    def unreachable(self, *, has_scores: bool) -> EndpointError:
        """No call of the run got a connection."""
        return EndpointError(f"The endpoint cannot be reached: {self.address}. {_next_step(has_scores)}")

    def gave_out(self, what: str, *, has_scores: bool) -> EndpointError:
        """The endpoint is of no use, for now or for this list; `what` is a sentence."""
        return EndpointError(f"{what} {self._asked} {_next_step(has_scores)}")

    def refuses(self, what: str, mended_by: str, *, has_scores: bool) -> EndpointError:
        """The endpoint refuses a parameter; `mended_by` is the option that mends it."""
        kept = "What was scored is kept." if has_scores else "Nothing is scored yet, so that settings may change."
        return EndpointError(f"{what} {mended_by} {self._asked} {kept}")

    def unreadable(self, commonest: str) -> EndpointError:
        """So many answers in a row give no score; `commonest` is why, with what mends it."""
        return EndpointError(
            f"Answer after answer has no score, so the run has stopped: {commonest} {self._asked} If it is these pairs "
            "alone, --try asks the next ones."
        )

    def counts_too_much(self, reply: Answer | Trouble) -> EndpointError:
        """A call cost more than its reserve."""
        return EndpointError(
            f"The endpoint counts {_tokens(reply)} for a call, more than its prompt and answer can have, "
            f"so the cap could not be kept. {self._asked} The run has stopped. Check the endpoint, or cap the calls "
            "alone."
        )

    def other_revision(self, pin: Pin, reply: Answer) -> EndpointError:
        """An answer names another revision than those before."""
        found = f"{reply.model or 'no model'}{f' ({reply.fingerprint})' if reply.fingerprint else ''}"
        if pin.named is None and reply.model and reply.model == pin.model:
            way_out = (
                f"To hold the model alone, whose fingerprints may change, go on in this folder with --teacher-revision "
                f"{reply.model}: what is scored stays, and what was answered just now counts too."
            )
        else:
            way_out = "Re-score into another folder with the new revision, or ask the endpoint for the pinned one."
        return EndpointError(
            f"The endpoint answered as {found}; the teacher's revision of this list is {pin.shown}. {self._asked} Two "
            f"revisions are never mixed in one list, so the run has stopped and that answer is no score. {way_out}"
        )

    @property
    def _asked(self) -> str:
        return f"Asked at {self.address}."


def _next_step(has_scores: bool) -> str:
    kept = "What was scored is kept." if has_scores else "Nothing is scored yet."
    return f"{kept} Run it again to go on; another endpoint (--endpoint) may go on too."


def _tokens(reply: Answer | Trouble) -> str:
    if isinstance(reply, Trouble):
        return "no tokens"
    return f"{reply.tokens_in or 0:,} and {reply.tokens_out or 0:,} tokens"
