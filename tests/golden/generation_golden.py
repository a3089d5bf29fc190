"""Makes generation_golden.json: values of generation metrics from other people's code.

Needs, and writes into the file, the versions of: numpy, scipy, scikit-image,
scikit-learn, torch, torchmetrics (without torch-fidelity), pytorch-msssim, clean-fid
(its resizer only), point-cloud-utils, jiwer, whisper-normalizer, pycocoevalcap,
pyworld, pysptk, pymcd, krippendorff, pretty-midi. pyworld and pysptk need
setuptools below 81. Run it in an environment of its own:

    python tests/golden/generation_golden.py
"""

import itertools
import json
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.metrics import made
from tests.metrics.notes import write_midi

PACKAGES = (
    "numpy scipy scikit-image scikit-learn torch torchmetrics pytorch-msssim clean-fid "
    "point-cloud-utils jiwer whisper-normalizer pycocoevalcap pyworld pysptk pymcd krippendorff "
    "pretty-midi"
).split()


def frechet_values() -> dict[str, Any]:
    import torch
    from scipy import linalg
    from torchmetrics.image.fid import _compute_fid
    from torchmetrics.image.kid import poly_mmd

    def by_root(a: np.ndarray, b: np.ndarray, ddof: int = 1) -> float:
        s1, s2 = (np.cov(x, rowvar=False, ddof=ddof) for x in (a, b))
        between = a.mean(axis=0) - b.mean(axis=0)
        return float(between @ between + np.trace(s1 + s2 - 2 * linalg.sqrtm(s1 @ s2).real))

    def by_torch(a: np.ndarray, b: np.ndarray) -> float:
        parts = [(torch.tensor(x).mean(0), torch.tensor(x).T.cov()) for x in (a, b)]
        return float(_compute_fid(*parts[0], *parts[1]))

    many, few = made.gaussians(), made.few_gaussians()
    equal = [torch.tensor(x[:400]) for x in many]
    return {
        "sqrtm": by_root(*many),
        "sqrtm, ddof 0": by_root(*many, ddof=0),
        "torchmetrics": by_torch(*many),
        "few, sqrtm": by_root(*few),
        "few, torchmetrics": by_torch(*few),
        "few with themselves, sqrtm": by_root(few[0], few[0]),
        "kid of 400 and 400": float(poly_mmd(*equal)),
        "kid of 500 and 400, as torchmetrics has it": float(poly_mmd(*map(torch.tensor, many))),
    }


def image_values() -> dict[str, Any]:
    import torch
    from cleanfid.resize import make_resizer
    from PIL import Image
    from pytorch_msssim import ms_ssim
    from skimage.color import rgb2lab
    from skimage.metrics import peak_signal_noise_ratio
    from sklearn.metrics import roc_auc_score
    from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

    x, y, y2 = made.noisy_images()
    off = rgb2lab(y) - rgb2lab(x)
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]], np.uint8)

    def tensor(image: np.ndarray, dtype: Any = torch.float32) -> Any:
        return torch.tensor(np.moveaxis(np.atleast_3d(image), -1, 0)[None].copy(), dtype=dtype)

    def both(seen: np.ndarray, true: np.ndarray) -> list[float]:
        a, b = tensor(seen, torch.float64), tensor(true, torch.float64)
        theirs = multiscale_structural_similarity_index_measure(a, b, data_range=255.0)
        return [float(ms_ssim(a, b)), float(theirs)]

    image, noise = made.ramps()
    odd, odd_noise = made.odd_images()
    masks, scores = made.infection_maps()
    big = made.square_of_noise()
    scans = [
        np.asarray(Image.fromarray(grey).resize((774, 774), Image.Resampling.BICUBIC)).clip(0, 255)
        for grey in (
            x.astype(np.uint8) @ np.array([0.299, 0.587, 0.114], np.float32) for x in (noise, image)
        )
    ]
    clean = make_resizer("PIL", False, "bicubic", (74, 74))(np.stack([big] * 3, axis=-1))[..., 0]
    flat = torch.nn.functional.interpolate(tensor(big), (74, 74), mode="bilinear")
    return {
        "psnr": [peak_signal_noise_ratio(x, z, data_range=255) for z in (y, y2)],
        "lab of red, green, blue, grey": rgb2lab(colours).tolist(),
        "lab rms": float(np.sqrt((off**2).mean())),
        "lab root of mean squared delta E": float(np.sqrt((off**2).sum(-1).mean())),
        "lab mean of summed differences": float(np.abs(off).sum(-1).mean()),
        "lab mean delta E": float(np.sqrt((off**2).sum(-1)).mean()),
        "ms_ssim [pytorch-msssim, torchmetrics]": {
            "ramps": both(noise, image),
            "first channel": both(noise[..., 0], image[..., 0]),
            "176 pixels": both(noise[:176, :176, 0], image[:176, :176, 0]),
            "odd sides": both(odd_noise, odd),
            "scans": both(*scans),
            "inverted": [float(ms_ssim(tensor(255 - image[..., 0]), tensor(image[..., 0])))],
        },
        "roc_auc": {
            "pooled": roc_auc_score(masks.ravel(), scores.ravel()),
            "by image": float(
                np.mean(
                    [
                        roc_auc_score(m.ravel(), s.ravel())
                        for m, s in zip(masks, scores, strict=True)
                    ]
                )
            ),
            "black and white": roc_auc_score(masks.ravel(), scores.ravel() > 127),
        },
        "resized": {
            "first row": clean[0].tolist(),
            "std": float(clean.std()),
            "std without blur": float(flat.std(correction=0)),
        },
    }


def shape_values() -> dict[str, Any]:
    import point_cloud_utils
    from scipy.spatial.distance import cdist

    u, v = made.clouds()
    all_pairs = cdist(u, v)
    there, back = all_pairs.min(axis=1), all_pairs.min(axis=0)
    return {
        "point-cloud-utils": float(point_cloud_utils.chamfer_distance(u, v)),
        "unsquared sum": float(there.mean() + back.mean()),
        "squared sum": float((there**2).mean() + (back**2).mean()),
        "sum": float(there.sum() + back.sum()),
        "sum of squares": float((there**2).sum() + (back**2).sum()),
    }


def speech_values() -> dict[str, Any]:
    import pysptk
    import pyworld
    import soundfile
    from pymcd.mcd import Calculate_MCD
    from scipy.spatial.distance import cdist

    voices = made.voices()

    def cepstra(sound: np.ndarray) -> np.ndarray:
        wave = sound.astype(float)
        pitch, times = pyworld.harvest(wave, made.RATE, frame_period=5.0)
        envelope = pyworld.cheaptrick(wave, pitch, times, made.RATE)
        return pysptk.sp2mc(envelope, order=24, alpha=0.455)[:, 1:]

    def warped(one: np.ndarray, other: np.ndarray) -> float:
        """Dynamic time warping, cell by cell."""
        away = cdist(one, other)
        cost = np.full((len(one) + 1, len(other) + 1), np.inf)
        steps = np.zeros_like(cost)
        cost[0, 0] = 0
        for i in range(len(one)):
            for j in range(len(other)):
                before = [(i, j), (i, j + 1), (i + 1, j)]
                best = min(before, key=lambda cell: cost[cell])
                cost[i + 1, j + 1] = cost[best] + away[i, j]
                steps[i + 1, j + 1] = steps[best] + 1
        return float(cost[-1, -1] / steps[-1, -1])

    decibels = 10 / np.log(10) * np.sqrt(2)
    found = {name: cepstra(sound) for name, sound in voices.items()}
    a = found["a"]
    theirs: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.wav") for name in voices}
        for name, file in files.items():
            soundfile.write(file, voices[name], made.RATE)
        for mode in ("plain", "dtw"):
            measure = Calculate_MCD(MCD_mode=mode)
            theirs[mode] = {
                n: float(measure.calculate_mcd(files["a"], f)) for n, f in files.items()
            }
    return {
        "c1 to c24 of a, frame 100": a[100].tolist(),
        "mcd": {name: decibels * warped(x, a) for name, x in found.items()},
        "mcd without warping": {
            name: float(decibels * np.linalg.norm(found[name] - a, axis=1).mean())
            for name in ("b", "half")
        },
        "pymcd, with c0": theirs,
    }


def word_values() -> dict[str, Any]:
    import jiwer
    from pycocoevalcap.cider.cider import Cider
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    english, basic = EnglishTextNormalizer(), BasicTextNormalizer()
    wanted, said = ([pair[i] for pair in made.SPOKEN] for i in (0, 1))
    plain = [[english(text) for text in side] for side in (wanted, said)]
    chinese = made.SPOKEN_CHINESE
    references = {i: texts for i, (texts, _) in enumerate(made.SPOKEN_CAPTIONS)}
    answers = {i: [text] for i, (_, text) in enumerate(made.SPOKEN_CAPTIONS)}
    cider, each = Cider().compute_score(references, answers)
    return {
        "wer, each": [jiwer.wer(a, b) for a, b in zip(wanted, said, strict=True)],
        "wer": jiwer.wer(wanted, said),
        "normalised": plain,
        "wer, normalised": jiwer.wer(*plain),
        "wer, normalised, mean": float(
            np.mean([jiwer.wer(a, b) for a, b in zip(*plain, strict=True)])
        ),
        "Chinese": {
            "wer": jiwer.wer(*chinese),
            "cer": jiwer.cer(*chinese),
            "cer, normalised": jiwer.cer(*map(basic, chinese)),
        },
        "nothing to say": [jiwer.wer("", ""), jiwer.wer("", "a"), jiwer.wer("a b", "")],
        "cider": float(cider),
        "cider, each": np.asarray(each).tolist(),
    }


def rating_values() -> dict[str, Any]:
    import krippendorff

    items = sorted({item for rated in made.RATED.values() for item in rated})
    table = [[rated.get(item, np.nan) for item in items] for rated in made.RATED.values()]
    return {
        level: float(krippendorff.alpha(table, level_of_measurement=level))
        for level in ("interval", "nominal")
    }


def note_values() -> dict[str, Any]:
    import pretty_midi

    with tempfile.TemporaryDirectory() as folder:
        piece = pretty_midi.PrettyMIDI(str(write_midi(Path(folder) / "piece.mid")))
    played = [
        [piece.time_to_tick(n.start) / piece.resolution, piece.time_to_tick(n.end) / piece.resolution,
         n.pitch, instrument.program]
        for instrument in piece.instruments if not instrument.is_drum for n in instrument.notes
    ]  # fmt: skip
    bars = [piece.time_to_tick(t) / piece.resolution for t in piece.get_downbeats()]
    histograms = np.zeros((len(bars), 12))
    for start, _, pitch, _ in played:
        histograms[np.searchsorted(bars, start, side="right") - 1, pitch % 12] += 1
    shares = [h / h.sum() for h in histograms if h.sum()]
    overlaps = [1 - np.abs(a - b).sum() / 2 for a, b in itertools.pairwise(shares)]
    return {
        "played": sorted(played),
        "bars": bars,
        "overlap of neighbouring bars": float(np.mean(overlaps)),
    }


def main() -> None:
    """Write the file."""
    values = {
        "versions": {name: version(name) for name in PACKAGES},
        "frechet": frechet_values(),
        "image": image_values(),
        "shape": shape_values(),
        "speech": speech_values(),
        "words": word_values(),
        "ratings": rating_values(),
        "notes": note_values(),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(
        json.dumps(values, indent=1, ensure_ascii=False, default=float) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
