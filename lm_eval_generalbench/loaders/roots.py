"""Where a data set begins: folders of modalities and paradigms, and roots one level off."""

from pathlib import Path, PurePosixPath

from lm_eval_generalbench import catalog
from lm_eval_generalbench.loaders import archives, headers, wrappers

TOPS = wrappers.TOPS
# The model-type repository of the closed set holds this and nothing else, one level down.
NESTED_TASK = ("video", "comprehension", "GeneralObjectTrack")
MOST_NESTED = 1000  # folders of a root that are looked into for a data set further down
DEEPEST = 5  # levels that a data set may lie further down


def nested(root: Path) -> list[Path]:
    """Folders of the root that hold folders of modalities as a root does."""
    inner = [x for x in headers.subfolders(root) if x.name.lower() not in TOPS]
    return [x for x in inner[:MOST_NESTED] if _is_root(x)]


def _is_root(folder: Path) -> bool:
    try:
        tops = [x for x in headers.subfolders(folder) if x.name.lower() in TOPS]
        return any(
            top.name.lower() == "nlp"
            or any(x.name.lower() in catalog.PARADIGMS for x in headers.subfolders(top))
            for top in tops
        )
    except OSError:
        return False


def deeper(root: Path) -> list[Path]:
    """Data roots several levels down, those that lie least deep."""
    level, looked = [root], 0
    for _ in range(DEEPEST):
        inner = []
        for folder in level:
            looked += 1
            if looked > MOST_NESTED:
                return []
            try:
                inner += headers.subfolders(folder)
            except OSError:
                continue
        if found := [x for x in inner[:MOST_NESTED] if _is_root(x)]:
            return found
        level = inner
    return []


def is_single_upload(nested: list[Path]) -> bool:
    """Whether all there is is the one archive that was uploaded to the wrong place."""
    inner = [x for base in nested for x in base.glob("*/*/*") if not x.name.startswith(".")]
    names = [archives.stem(x) if archives.is_archive(x) else x.name for x in inner]
    return bool(inner) and all(
        (x.parts[-3].lower(), x.parts[-2].lower(), name) == NESTED_TASK
        for x, name in zip(inner, names, strict=True)
    )


def above(folder: Path) -> Path | None:
    """The data root that a modality's, a paradigm's or a task's folder lies in."""
    for depth, top in enumerate([folder, *folder.parents][:4]):
        between = folder.relative_to(top).parts
        modality = top.name.lower()
        task = headers.annotation_file(folder) is not None
        if modality == "nlp" and (depth == 0 or (depth == 1 and task)):
            return top.parent
        if modality in catalog.MODALITIES and (
            (depth == 0 and any(x.name.lower() in catalog.PARADIGMS for x in folder.iterdir()))
            or (depth > 0 and between[0].lower() in catalog.PARADIGMS)
        ):
            return top.parent
    return None


def placed(path: str) -> tuple[str, str, list[str]]:
    """Modality, paradigm and the rest of a path below a root, or below what is nested in one.

    >>> placed("3D/generation/generation/image_2_3d_mesh/open.tar.gz")
    ('3d', 'generation', ['image_2_3d_mesh', 'open.tar.gz'])
    >>> placed("General-Bench-Closeset/NLP/TriviaQA/annotation.json"), placed("AnimalVOS.zip")
    (('nlp', '', ['TriviaQA', 'annotation.json']), ('', '', ['AnimalVOS.zip']))
    >>> placed("image/image/comprehension/GQA/annotation.json")
    ('image', 'comprehension', ['GQA', 'annotation.json'])
    """
    parts = list(PurePosixPath(path).parts)
    if len(parts) > 2 and parts[0].lower() not in TOPS and parts[1].lower() in TOPS:
        del parts[0]
    if len(parts) < 2 or parts[0].lower() not in TOPS:
        return "", "", parts
    modality, paradigm = parts.pop(0).lower(), ""
    while len(parts) > 1 and parts[0].lower() == modality:
        del parts[0]
    while modality != "nlp" and len(parts) > 1 and parts[0].lower() in catalog.PARADIGMS:
        paradigm = parts.pop(0).lower()
    return modality, paradigm, parts
