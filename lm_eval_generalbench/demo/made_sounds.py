"""Tasks that ask for sound or music; everything lies below audios/, pictures and videos, too."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.demo.draw import GRASS, Json, annotate, put, save
from lm_eval_generalbench.demo.made_images import scene
from lm_eval_generalbench.demo.sounds import (
    RATE,
    TIME,
    chirps,
    noise,
    save_sound,
    sweep,
    ticks,
    tone,
)
from lm_eval_generalbench.demo.videos import BALL_FLIES, BOX_SLIDES, film, save_film

SOUNDS = {"modality": {"in": ["text"], "out": ["audio"]}, "version": "1.0"}
Note = tuple[float, float, int, int]  # start and end in quarter notes, key, instrument


def voice(pitch: float, vowel: float, tremor: float = 4.0) -> np.ndarray:
    """Harmonics that stand for a spoken vowel, whose resonance lies at `vowel` Hz."""
    loud = 1 + 0.3 * np.sin(2 * np.pi * tremor * TIME)
    sound = sum(
        np.sin(2 * np.pi * pitch * k * TIME) / (1 + ((pitch * k - vowel) / 300) ** 2)
        for k in range(1, int(RATE / 2 / pitch))
    )
    sound = np.asarray(sound * loud)
    return 0.4 * sound / np.abs(sound).max()


def midi(notes: Sequence[Note]) -> bytes:
    """A MIDI file of one track, 480 ticks a quarter note, a channel for each instrument."""
    programs = sorted({program for *_, program in notes})
    events = [(0, 0, bytes([0xC0 + programs.index(p), p])) for p in programs]
    for start, end, key, program in notes:
        channel = programs.index(program)
        events.append((round(480 * start), 2, bytes([0x90 + channel, key, 80])))
        events.append((round(480 * end), 1, bytes([0x80 + channel, key, 0])))
    events.sort()
    track, now = b"", 0
    for tick, _, message in events:
        wait, now = tick - now, tick
        digits = [wait & 0x7F]
        while wait := wait >> 7:
            digits.insert(0, 0x80 | wait & 0x7F)
        track += bytes(digits) + message
    track += b"\x00\xff\x2f\x00"
    header = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 480)
    return header + struct.pack(">4sI", b"MTrk", len(track)) + track


def heard(folder: Path, file: str, task: str, records: Sequence[tuple[Json, Any]]) -> None:
    rows: list[Json] = [
        {"id": str(i), "input": given} | ({} if output is None else {"output": output})
        for i, (given, output) in enumerate(records)
    ]
    annotate(folder / file, SOUNDS | {"task": task}, rows)


def audio_edit(folder: Path) -> None:
    """A sound to be changed, and the wished result in words."""
    save_sound(folder / "audios/song_0.flac", tone(220, 1) + ticks(0.1) * 0.3)
    save_sound(folder / "audios/song_1.flac", sweep(300, 500) * 0.8)
    heard(
        folder,
        "annotation.json",
        "AudioEdit",
        [
            (
                {"prompt": "Add birds.", "audio_file": "song_0.flac"},
                {"target_caption": "a song with birds in the background"},
            ),
            (
                {"prompt": "Add rain.", "audio_file": "song_1.flac"},
                {"target_caption": "a song in heavy rain"},
            ),
        ],
    )


def daily_talk(folder: Path) -> None:
    """Turns to be spoken, which people rate."""
    talks = ("A: How are you? B: Fine, thanks.", "A: Is it late? B: Not yet.")
    records = [({"prompt": "Speak this dialogue.", "text": text}, None) for text in talks]
    heard(folder, "DailyTalkGeneration.json", "DailyTalkGeneration", records)


def emotional_speech(folder: Path) -> None:
    """A sentence, how it is to be said, and a recording; harmonics stand for the voice."""
    records = []
    for i, (emotion, pitch) in enumerate((("happy", 180.0), ("calm", 110.0), ("angry", 150.0))):
        save_sound(folder / f"audios/{emotion}.flac", voice(pitch, 500 + 300 * i, 3 + i))
        given = {"prompt": f"Say it in a {emotion} voice.", "text": "The boat leaves at nine."}
        records.append((given, {"audio_file": f"{emotion}.flac"}))
    heard(folder, "annotation.json", "EmotionalSpeechSynthesis", records)


def text_to_speech(folder: Path) -> None:
    """The text beside the instruction that repeats it."""
    records = []
    for i, text in enumerate(("The lake is calm today.", "Fifty boats came back.")):
        save_sound(folder / f"audios/read_{i}.flac", voice(120 + 30 * i, 700))
        given = {"prompt": f"Say: {text}", "text": text}
        records.append((given, {"audio_file": f"read_{i}.flac"}))
    heard(folder, "text_to_speech.json", "TextToSpeech", records)


def caption_to_audio(folder: Path) -> None:
    """The sound that the caption describes stands among the inputs, as published."""
    records: list[tuple[Json, Any]] = []
    for name, samples, caption in (
        ("rain", noise(30), "Rain falls on a roof."),
        ("bird", chirps(), "A bird sings in the morning."),
    ):
        save_sound(folder / f"audios/{name}.flac", samples)
        records.append(({"prompt": caption, "audio_file": f"{name}.flac"}, {}))
    heard(folder, "annotation.json", "SingleCaptionToAudio", records)


def image_to_speech(folder: Path) -> None:
    """Pictures, and several captions of each that may be spoken."""
    captions = (
        ["A red car stands on a road.", "There is a car in the street."],
        ["A blue bird sits on a meadow.", "A bird stands in the grass."],
    )
    records = []
    for i, texts in enumerate(captions):
        save(folder / f"audios/picture_{i}.jpg", scene(i))
        given = {"prompt": "Say what is there.", "image_file": f"picture_{i}.jpg"}
        records.append((given, {"text": texts}))
    heard(folder, "annotation.json", "ImageToSpeech", records)


def video_to_audio(folder: Path) -> None:
    """Silent videos, and their sound."""
    records = []
    for i, (thing, samples) in enumerate(((BALL_FLIES, ticks(0.2)), (BOX_SLIDES, noise(31)))):
        save_film(folder / f"audios/clip_{i}.mp4", film(thing, ground=GRASS))
        save_sound(folder / f"audios/clip_{i}.flac", samples)
        given = {"prompt": "Its sound.", "video_file": f"clip_{i}.mp4"}
        records.append((given, {"audio_file": f"clip_{i}.flac"}))
    heard(folder, "annotation.json", "VideoToAudio", records)


def voice_conversion(folder: Path) -> None:
    """What is said, by whom, and a sample of the voice in which it should be."""
    records = []
    for i, text in enumerate(("Please call her.", "The rain stopped.")):
        save_sound(folder / f"audios/source_{i}.flac", voice(110 + 10 * i, 600))
        save_sound(folder / f"audios/speaker_{i}.flac", voice(200 + 20 * i, 900))
        given = {"source_audio": f"source_{i}.flac", "speaker_audio": f"speaker_{i}.flac"}
        given["prompt"] = "Say it in the voice of the second recording."
        records.append((given, {"text": text}))
    heard(folder, "annotation.json", "VoiceConversion", records)


def speech_translation(folder: Path) -> None:
    """English speech, and its Chinese text; tones stand for speech."""
    records = []
    for i, text in enumerate(("今天天气很好。", "我们明天去湖边。")):
        save_sound(folder / f"audios/en_{i}.flac", voice(130 + 20 * i, 800))
        given = {"audio_file": f"en_{i}.flac", "prompt": "Translate the speech into Chinese."}
        records.append((given, {"text": text}))
    heard(folder, "annotation.json", "English-to-Chinese Speech Translation", records)


CHORDS = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))


def orchestration(folder: Path) -> None:
    """Piano scores in MIDI, and the same for an orchestra: strings, flute, horn."""
    records = []
    for i in range(2):
        piano: list[Note] = []
        band: list[Note] = []
        for bar, chord in enumerate(CHORDS[i:] + CHORDS[:i]):
            start = 4.0 * bar
            piano += [(start, start + 4, key, 0) for key in chord]
            band += [(start, start + 4, key, 48) for key in chord[:2]]
            band += [(start + beat, start + beat + 1, chord[2] + 12, 73) for beat in range(4)]
            band.append((start, start + 2 + i, chord[0] - 12, 60))
            if bar % 2:  # where the piano of the orchestra plays along
                band += [(start, start + 2, key, 0) for key in chord]
        put(folder / f"audios/piano_{i}.mid", midi(piano))
        put(folder / f"audios/orchestra_{i}.mid", midi(band))
        given = {"audio_file": f"piano_{i}.mid", "prompt": "Orchestrate this piece."}
        records.append((given, {"audio_file": f"orchestra_{i}.mid"}))
    heard(folder, "annotation.json", "PianoToOrchestrationGeneration", records)


def pop_music(folder: Path) -> None:
    """A theme of two bars in MIDI, and a piece that is made of it."""
    records = []
    for i in range(2):
        theme: list[Note] = [
            (float(n), n + 1.0, CHORDS[i][n % 3] + 2 * (n > 5), 0) for n in range(8)
        ]
        piece = [
            (8 * turn + start, 8 * turn + end, key + (0, 0, 2, 0)[turn], program)
            for turn in range(4)
            for start, end, key, program in theme
        ]
        put(folder / f"audios/theme_{i}.mid", midi(theme))
        put(folder / f"audios/song_{i}.mid", midi(piece))
        given = {"midi_file": f"theme_{i}.mid", "prompt": "Make a piece of this theme."}
        records.append((given, {"midi_file": f"song_{i}.mid"}))
    heard(folder, "annotation.json", "PopMusicGeneration", records)


def music_style(folder: Path) -> None:
    """A piece, and the style that it should have, as a sound and in words."""
    records = []
    for i, style in enumerate(("jazz", "marching band")):
        save_sound(folder / f"audios/content_{i}.flac", tone(262 * (i + 1), 2))
        save_sound(folder / f"audios/style_{i}.flac", ticks(0.1 + 0.05 * i))
        given = {"audio_file": f"content_{i}.flac", "style_audio": f"style_{i}.flac"}
        given |= {"style": style, "prompt": f"Play this as {style}."}
        records.append((given, None))
    heard(folder, "annotation.json", "MusicStyleTransfer", records)
