"""Events in speech: what happened, the word that says so, and who or what took part."""

from collections.abc import Collection


def event_counts(prediction: Collection[str] | None, target: Collection[str]) -> list[int]:
    """Counts of one document for micro F1 over triggers and arguments together.

    Args:
        prediction: "type|trigger" of every event and "type|role|text" of every
            argument, normalised alike on both sides; None if the answer could
            not be read. Repetitions count once.
        target: The same.

    Returns:
        [true positives, false positives, false negatives]. An unreadable answer
        misses everything and is one false positive, so that silence is not an answer.

    Reference: Satyapanich et al. 2020, CASIE, section 6, doi:10.1609/aaai.v34i05.6401,
        which scores triggers and arguments apart.
    """
    wanted = set(target)
    if prediction is None:
        return [0, 1, len(wanted)]
    found = set(prediction)
    right = len(found & wanted)
    return [right, len(found) - right, len(wanted) - right]
