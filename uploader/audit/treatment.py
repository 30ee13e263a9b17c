"""Whether a receipt tells of everything that is done to a frame before it may be kept."""

from collections.abc import Iterator, Mapping

from masking.masked_frame import Receipt, Role

NEEDED: Mapping[Role, str] = {
    "again": "it had no second look",
    "judge": "no judge looked at it as it is stored",
}
"""A live look is not: with masking.detect_every, some frames lie between two."""


def receipt_faults(receipt: Receipt) -> Iterator[str]:
    """Why its frame should not be in the store, each as a clause; nothing for one that may."""
    if receipt.treatment == "exempt":
        if not receipt.reason.strip():
            yield "its camera is exempt and no reason is given"
        if receipt.faces or receipt.looks:
            yield "it is called exempt, and yet says that faces were sought"
    elif receipt.treatment == "masked":
        yield from _looks_faults(receipt)
    else:
        yield f"it is {receipt.treatment}, and such a frame is never kept"


def _looks_faults(receipt: Receipt) -> Iterator[str]:
    roles = {look.role for look in receipt.looks}
    yield from (missing for role, missing in NEEDED.items() if role not in roles)
    if "judge" in roles and (receipt.looks[-1].role != "judge" or receipt.looks[-1].found):
        yield "the judge did not see it without a face at last"
    if receipt.grow < 1:
        yield f"its covers are smaller than the faces ({receipt.grow:g} times their size)"


def judged_itself(receipt: Receipt) -> bool:
    """Whether the judge is one of the detectors that masked, as on a device that has no other."""
    judges = {look.detector.sha256 for look in receipt.looks if look.role == "judge"}
    return any(look.detector.sha256 in judges for look in receipt.looks if look.role != "judge")
