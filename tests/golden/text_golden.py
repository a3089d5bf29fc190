"""Makes text_golden.json: values of text metrics from other people's code.

Needs, and prints into the file, the versions of: nltk, sacrebleu, pycocoevalcap. Run it in
an environment of its own:

    python tests/golden/text_golden.py
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

WORDS = "a the dog cat man woman runs sits red blue ball on in park and plays".split()


def captions(seed: int, references: int) -> list[dict]:
    """Made-up documents whose answer shares some words with its references."""
    rng = random.Random(seed)
    documents = []
    for _ in range(25):
        first = [rng.choice(WORDS) for _ in range(rng.randint(4, 12))]
        target = [first]
        for _ in range(references - 1):
            target.append([w if rng.random() < 0.6 else rng.choice(WORDS) for w in first])
        said = [w for w in first if rng.random() < 0.85]
        said = [w if rng.random() < 0.8 else rng.choice(WORDS) for w in said] or ["dog"]
        documents.append(
            {"prediction": " ".join(said), "target": [" ".join(words) for words in target]}
        )
    return documents


def scored(documents: list[dict]) -> dict:
    """The values of the documents together."""
    import sacrebleu
    from nltk.translate.bleu_score import corpus_bleu
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider

    said = [d["prediction"] for d in documents]
    target = [d["target"] for d in documents]
    split = ([[r.split() for r in t] for t in target], [s.split() for s in said])
    stats = sacrebleu.BLEU(tokenize="none", smooth_method="none").corpus_score(
        said, [list(column) for column in zip(*target, strict=True)]
    )
    coco = (dict(enumerate(target)), {i: [s] for i, s in enumerate(said)})
    cider, each = Cider().compute_score(*coco)
    bleu, _ = Bleu(4).compute_score(*coco, verbose=0)
    return {
        "documents": documents,
        "nltk_bleu1": corpus_bleu(*split, weights=(1,)),
        "sacrebleu_bleu4": stats.score / 100,
        "coco_bleu1": float(bleu[0]),
        "coco_bleu4": float(bleu[3]),
        "coco_cider": float(cider),
        "coco_cider_each": [float(x) for x in each],
    }


def main() -> None:
    packages = ["nltk", "sacrebleu", "pycocoevalcap"]
    made = {
        "versions": {name: version(name) for name in packages},
        "captions": [scored(captions(seed, n)) for seed, n in ((1, 1), (2, 3), (3, 5))],
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
