"""Audio tasks: tones, clicks, noise and sweeps. Where people should speak, tones stand for them."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.demo.draw import (
    Json,
    annotate,
    put,
)

HEARS = {"modality": {"in": ["audio", "text"], "out": ["text"]}, "version": "1.0"}
RATE = 8000  # samples per second
TIME = np.arange(RATE // 2) / RATE  # half a second


def tone(frequency: float, fade: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * TIME) * np.exp(-fade * TIME) * 0.6


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, TIME.size)


def ticks(every: float) -> np.ndarray:
    """Short clicks, `every` seconds apart."""
    return tone(2000, 0) * (np.mod(TIME, every) < 0.01)


def sweep(low: float, high: float) -> np.ndarray:
    """A tone that rises or falls."""
    return 0.5 * np.sin(2 * np.pi * (low + (high - low) * TIME) * TIME)


def chirps() -> np.ndarray:
    """A song of short rising notes."""
    return sweep(1500, 3000) * (np.mod(TIME, 0.12) < 0.07)


def save_sound(path: Path, samples: np.ndarray) -> None:
    """Write .wav or .flac with 16 bits, or .ogg."""
    import av
    import soundfile

    whole = (samples * 32767).round().astype(np.int16)
    buffer = io.BytesIO()
    if path.suffix != ".ogg":
        soundfile.write(buffer, whole, RATE, format=path.suffix[1:], subtype="PCM_16")
        put(path, buffer.getvalue())
        return
    # libsndfile gives every Ogg stream a random number; FFmpeg need not
    with av.open(buffer, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, options={"flags": "+bitexact"})
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = RATE
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)
    put(path, buffer.getvalue())


def heard(
    folder: Path, file: str, header: Json, prompt: str, sounds: dict[str, tuple[np.ndarray, Any]]
) -> None:
    """Sounds below audios/; the name of the annotation is free."""
    records = []
    for i, (name, (samples, text)) in enumerate(sounds.items()):
        save_sound(folder / "audios" / name, samples)
        given = {"audio_file": name, "prompt": prompt}
        records.append({"id": str(i), "input": given, "output": {"text": text}})
    annotate(folder / file, HEARS | header, records)


def environment_sounds(folder: Path) -> None:
    """Labels in mixed case; a different format for every sound."""
    heard(
        folder,
        "env_sound.json",
        {"task": "EnvironmentSoundRecognition"},
        "What makes this sound?",
        {
            "rain_1.wav": (noise(1), "Rain"),
            "clock.flac": (ticks(0.125), "Clock tick"),
            "siren.ogg": (sweep(400, 900), "siren"),
            "rain_2.flac": (noise(2) * 0.5, "Rain"),
        },
    )


def bird_sounds(folder: Path) -> None:
    """1 and 0 for yes and no."""
    heard(
        folder,
        "annotation.json",
        {"task": "BirdSoundDetection"},
        "Does a bird sing in this recording?",
        {
            "a1.flac": (chirps(), 1),
            "a2.flac": (noise(3), 0),
            "a3.flac": (chirps() * 0.5 + noise(4) * 0.2, 1),
            "a4.flac": (tone(110), 0),
        },
    )


def intents(folder: Path) -> None:
    """Three numbers that the header explains, in both directions; tones stand for speech."""
    label: Json = {}
    for slot, names in {
        "action": ["activate", "deactivate", "bring"],
        "object": ["lights", "music", "none"],
        "location": ["none", "kitchen", "bedroom"],
    }.items():
        numbers = {name: i for i, name in enumerate(names)}
        label[slot] = numbers | {str(i): name for i, name in enumerate(names)}
    heard(
        folder,
        "IntentClassification.json",
        {"task": "IntentClassification", "intent_label": label},
        "Which action, object and location does the speaker mean?",
        {
            "i1.flac": (tone(200), [0, 0, 1]),
            "i2.flac": (tone(260), [1, 1, 0]),
            "i3.flac": (tone(320), [2, 2, 2]),
        },
    )


def note_qualities(folder: Path) -> None:
    """Lists of labels."""
    heard(
        folder,
        "note_qualities.json",
        {"task": "NoteQualitiesAnalysis"},
        "Which qualities has this note?",
        {
            "n1.wav": (tone(880, 12), ["bright", "fast_decay"]),
            "n2.flac": (tone(110, 2), ["dark", "long_release"]),
            "n3.flac": (tone(440, 12) + noise(5) * 0.3, ["distortion", "fast_decay"]),
        },
    )


def pitches(folder: Path) -> None:
    """MIDI numbers, as text and as numbers; back-slashes in a path."""
    sounds: dict[str, tuple[np.ndarray, Any]] = {
        f"pitch_{n}.flac": (tone(440 * 2 ** ((n - 69) / 12)), n if n == 69 else str(n))
        for n in (57, 69, 81)
    }
    ask = "Give the MIDI number of the pitch, 0 to 127."
    heard(folder, "pitch.json", {"task": "MusicPitchAnalysis"}, ask, sounds)
    path = folder / "pitch.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    value["data"][1]["input"]["audio_file"] = "MusicPitchAnalysis\\audios\\pitch_69.flac"
    annotate(path, {k: v for k, v in value.items() if k != "data"}, value["data"])


def speech_events(folder: Path) -> None:
    """Events with their triggers and arguments; tones stand for speech."""

    def event(kind: str, trigger: str, **arguments: str) -> Json:
        roles = [{"role": role, "text": text} for role, text in arguments.items()]
        return {"type": kind, "trigger": trigger, "arguments": roles}

    heard(
        folder,
        "speech_ee.json",
        {"task": "Speech Event Extraction"},
        "Which events are spoken of? Give type, trigger and arguments.",
        {
            "e1.flac": (
                tone(180),
                [event("Transport", "sailed", Agent="the crew", Destination="Lindau")],
            ),
            "e2.flac": (
                tone(240),
                [event("Meet", "met", Entity="two mayors"), event("Marry", "wed", Person="Ole")],
            ),
            "e3.flac": (tone(300), []),
        },
    )


def audio_captions(folder: Path) -> None:
    """Several captions a sound."""
    heard(
        folder,
        "audio_captions.json",
        {"task": "AudioCaptions"},
        "Describe the sound.",
        {
            "c1.flac": (noise(6), ["Rain falls steadily on a roof.", "It is raining hard."]),
            "c2.flac": (ticks(0.1), ["A clock ticks in a quiet room."]),
            "c3.flac": (sweep(300, 1200), "A tone rises quickly."),
        },
    )


def open_audio_questions(folder: Path) -> None:
    """Open questions, whose answers a judge has to compare."""
    heard(
        folder,
        "open_aqa.json",
        {"task": "OpenAQA"},
        "What might be happening, and why do you think so?",
        {
            "q1.flac": (sweep(400, 900), "A siren rises, so an ambulance may be on its way."),
            "q2.flac": (chirps(), "Birds sing, so it is probably early morning outdoors."),
            "q3.flac": (ticks(0.06), "Something ticks fast, perhaps a kitchen timer."),
        },
    )
