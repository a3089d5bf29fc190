"""Makes opinions_golden.json: what DNSMOS says of recordings, by the code of speechmos, and its spectra.

Needs, and writes into the file, the versions of: numpy, librosa, onnxruntime, speechmos, and
useful-moonshine-onnx, of which it takes ten seconds of speech. Run it in an environment of
its own, where speechmos and useful-moonshine-onnx are installed with `--no-deps`:

    python tests/golden/opinions_golden.py
"""

import importlib.util
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.metrics import made

PACKAGES = "numpy librosa onnxruntime speechmos useful-moonshine-onnx".split()
NAMES = {
    "dnsmos": "ovrl_mos",
    "dnsmos_sig": "sig_mos",
    "dnsmos_bak": "bak_mos",
    "dnsmos_p808": "p808_mos",
}


def main() -> None:
    """Write the file."""
    import soundfile
    from speechmos import dnsmos

    found = importlib.util.find_spec("moonshine_onnx")
    assert found is not None and found.origin is not None
    speech, _ = soundfile.read(Path(found.origin).parent / "assets" / "beckett.wav")
    sounds = made.recordings() | made.spoken(speech)
    opinions = {name: dnsmos.run(sound, 16_000) for name, sound in sounds.items()}
    network: Any = dnsmos.dnsmos
    window = made.recordings()["tone"][:144_160] + made.recordings()["noise"][:144_160]
    raw = network.onnx_sess.run(None, {"input_1": window[None].astype(np.float32)})[0][0]
    fitted = network.get_polyfit_val(*raw.astype(float), False)
    values = {
        "versions": {name: version(name) for name in PACKAGES},
        "opinions": {
            name: {ours: float(said[theirs]) for ours, theirs in NAMES.items()}
            for name, said in opinions.items()
        },
        "row": raw.tolist(),
        "opinions of the row": [float(x) for x in fitted],
        "spectrum": network.audio_melspec(window[:-160].astype(np.float32))[::90, ::8].tolist(),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
