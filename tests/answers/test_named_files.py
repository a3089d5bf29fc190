"""Made files in every form in which models and servers name or hold them."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import answers, media, metrics, scoring
from lm_eval_generalbench.answers import named_files
from lm_eval_generalbench.media import pixels

PNG = "a.png"


@pytest.fixture
def outputs(tmp_path) -> Path:
    folder = tmp_path / "outputs"
    (folder / "sub").mkdir(parents=True)
    for i, name in enumerate(("a.png", "b.png", "c.jpg", "sub/d.png", "mask.png")):
        Image.new("RGB", (8, 8), (40 * i, 0, 0)).save(folder / name)
    for name in ("v.mp4", "w.mp4", "s.wav", "t.MP3", "n.mid", "m.glb", "p.ply", "q.npy"):
        (folder / name).write_bytes(b"content of " + name.encode())
    (folder / "frames").mkdir()
    for i in range(3):
        Image.new("RGB", (8, 8), (0, 40 * i, 0)).save(folder / "frames" / f"{i}.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "outside.png")
    return folder


def read(reply: str, outputs: Path, kind: str = "image") -> list[str] | None:
    doc = {"answer": kind, "outputs": str(outputs)}
    found = answers.read(doc, reply)
    if found is None:
        return None
    assert found == found.several[0]
    return [str(Path(p).relative_to(outputs.resolve())) for p in found.several]


ONE = [
    '{"image": "a.png"}',
    "a.png",
    "./a.png",
    "Here it is:\na.png",
    "`a.png`",
    "![the picture](a.png)",
    'I made it: ![x](<a.png> "title").',
    "[Download the image](./a.png)",
    '<img src="a.png" alt="x"/>',
    '{"images": ["a.png"]}',
    '["a.png"]',
    '[{"image": "a.png"}]',
    '{"image": {"path": "a.png", "url": "https://example.org/x.png"}}',
    '{"data": [{"url": "a.png"}]}',
    '{"output": {"images": [{"filename": "a.png"}]}}',
    '{"Image_Path": "a.png", "prompt": "b.png"}',
    '{"image": "a.png", "mask": "mask.png"}',
    '{"input": "b.png", "result": "a.png"}',
    '[{"type": "text", "text": "Done."}, {"type": "image_url", "image_url": {"url": "a.png"}}]',
    '```json\n{"image": "a.png"}\n```',
    "<think>b.png is the input</think>\na.png",
    "The edited picture has been saved as a.png. Tell me if you like it.",
    "I saved the picture to `a.png`, as asked.",
    "The image: **a.png**",
]


@pytest.mark.parametrize("reply", ONE)
def test_one_file_is_found_in_every_form(reply: str, outputs: Path) -> None:
    assert read(reply, outputs) == ["a.png"]


SPACED = "sub dir/my out (1).png"
WITH_BLANKS = [
    SPACED, f"`{SPACED}`", f"![r]({SPACED})", f"![r](<{SPACED}>)", f'![r]({SPACED} "title")',
    f"![r](<{SPACED}> 'title')", f"Here it is: {SPACED}", f"Saved as {SPACED}. Enjoy!",
    f"The image is **{SPACED}**.", "sub%20dir/my%20out%20(1).png",
    "![r](sub%20dir/my%20out%20%281%29.png)", "file:sub%20dir/my%20out%20(1).png",
    "file:///OUT/sub%20dir/my%20out%20(1).png", "[x](file://localhostOUT/sub%20dir/my%20out%20(1).png)",
    '{"images": [{"filename": "my out (1).png", "subfolder": "sub dir", "type": "output"}]}',
    '{"image": "file:///OUT/sub%20dir/my%20out%20(1).png"}', f'<img src="{SPACED}">',
    "my out.png is what I made of sub dir/my out (1).png",
]  # fmt: skip


@pytest.mark.parametrize("reply", WITH_BLANKS)
def test_names_with_blanks_and_per_cent_are_found(reply: str, outputs: Path) -> None:
    (outputs / "sub dir").mkdir()
    (outputs / "a.png").rename(outputs / SPACED)
    (outputs / "b.png").rename(outputs / "my out (1).png")  # another one
    there = reply.replace("/OUT", str(outputs)).replace("localhostOUT", f"localhost{outputs}")
    assert read(there, outputs) == [SPACED]


@pytest.mark.parametrize(
    ("reply", "found", "missing"),
    [
        ('["a.png", "none.png"]', ["a.png"], ["none.png"]),
        ('["none.png", "a.png", "no.jpg"]', ["a.png"], ["none.png", "no.jpg"]),
        ('{"images": [{"path": "a.png"}, {"path": "none.png"}]}', ["a.png"], ["none.png"]),
        ('[{"image": {"url": "none.png"}}, {"image": {"url": "a.png"}}]', ["a.png"], ["none.png"]),
        ("![1](a.png) ![2](none.png)", ["a.png"], ["none.png"]),
        ("a.png\nnone.png", ["a.png"], ["none.png"]),
        ("I turned `none.png` into `a.png`.", ["a.png"], []),
        ('{"image": {"path": "a.png", "url": "none.png"}}', ["a.png"], []),
        ('["a.png", "a caption", {"input": "none.png"}]', ["a.png"], []),
    ],
)
def test_files_of_several_that_are_not_there_are_told(
    reply: str, found: list[str], missing: list[str], outputs: Path
) -> None:
    made = answers.read({"answer": "image", "outputs": str(outputs)}, reply)
    assert [Path(path).name for path in made.several] == found
    assert list(made.missing) == missing


def held() -> bytes:
    return (np.arange(400) % 251).astype(np.uint8).tobytes()


@pytest.mark.parametrize(
    ("start", "ending"),
    [
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", ".webp"),
    ],
)
def test_content_in_base64_is_found_in_every_form(start: bytes, ending: str, outputs: Path) -> None:
    data = start + held()
    text = base64.b64encode(data).decode()
    folded = "\n".join(text[i : i + 76] for i in range(0, len(text), 76))
    kind = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}[ending]
    for reply in (
        f"data:{kind};base64,{text}",
        f"Here: ![x](data:{kind};base64,{text})",
        json.dumps({"data": [{"b64_json": text}]}),
        json.dumps({"created": 1, "data": [{"b64_json": text, "revised_prompt": "a.png"}]}),
        json.dumps([{"type": "image_url", "image_url": {"url": f"data:{kind};base64,{text}"}}]),
        json.dumps(
            [{"type": "image", "source": {"type": "base64", "media_type": kind, "data": text}}]
        ),
        json.dumps({"parts": [{"inlineData": {"mimeType": kind, "data": text}}]}),
        json.dumps({"output": [{"type": "image_generation_call", "result": text}]}),
        json.dumps({"image": text}),
        text,
        f"```\n{folded}\n```",
        f"DATA:{kind.upper()};BASE64,{text}",
        f"data:{kind};base64,{folded}",
        f"Here:\n![x](data:{kind};base64,\n{folded})\nDone.",
        f"data:{kind};base64,{folded}\nDone",
        json.dumps({"data": [{"b64_json": folded}]}),
        json.dumps({"image": f"data:{kind};base64,{folded}"}),
        json.dumps([{"source": {"media_type": kind, "data": folded.replace("\n", "\r\n")}}]),
    ):
        for folder in (str(outputs), ""):  # what is held needs no folder
            found = answers.read({"answer": "image", "outputs": folder}, reply)
            assert found is not None, reply[:80]
            assert Path(found).read_bytes() == data and Path(found).suffix == ending, reply[:80]


def test_large_and_many_files_stay_as_long_as_the_process(outputs: Path) -> None:
    rng = np.random.default_rng(0)
    made = []
    for i in range(40):
        data = b"\x89PNG\r\n\x1a\n" + rng.bytes(2_000_000 if i == 0 else 1000)
        text = base64.b64encode(data).decode()
        reply = (
            json.dumps({"data": [{"b64_json": text}]}) if i % 2 else f"data:image/png;base64,{text}"
        )
        found = answers.read({"answer": "image", "outputs": ""}, reply)
        assert found is not None
        made.append((found, data))
    assert all(Path(path).read_bytes() == data for path, data in made)


@pytest.mark.parametrize(
    ("kind", "reply", "expected"),
    [
        ("video", '{"video": "v.mp4"}', ["v.mp4"]),
        ("video", '{"video": ["v.mp4", "w.mp4"]}', ["v.mp4", "w.mp4"]),
        ("video", '{"videos": [{"url": "v.mp4"}], "thumbnail": "a.png"}', ["v.mp4"]),
        ("video", '{"video": "frames"}', ["frames"]),
        ("video", "frames/", ["frames"]),
        ("video", '<video src="v.mp4" controls></video>', ["v.mp4"]),
        ("audio", '{"audio": {"path": "s.wav"}}', ["s.wav"]),
        ("audio", "[listen](t.MP3)", ["t.MP3"]),
        ("audio", '{"midi": "n.mid"}', ["n.mid"]),
        ("mesh", '{"mesh": "m.glb", "preview": "a.png"}', ["m.glb"]),
        ("mesh", '{"files": ["a.png", "m.glb"]}', ["m.glb"]),
        ("points", '{"point_cloud": "p.ply"}', ["p.ply"]),
        ("points", '{"points": "q.npy"}', ["q.npy"]),
        ("motion", '{"motion": "q.npy"}', ["q.npy"]),
        ("image", '{"images": ["a.png", "b.png", "c.jpg"]}', ["a.png", "b.png", "c.jpg"]),
        ("image", "![1](a.png) ![2](b.png)", ["a.png", "b.png"]),
        ("image", '["a.png", "a.png", "none.png"]', ["a.png"]),
        ("image", "a.png\nb.png", ["a.png", "b.png"]),
        ("image", "1. `a.png`\n2. `b.png`", ["a.png", "b.png"]),
        ("image", '{"image": "v.mp4"}', ["v.mp4"]),  # of another kind: the metric cannot open it
    ],
)
def test_kinds_lists_and_folders(kind: str, reply: str, expected: list[str], outputs: Path) -> None:
    assert read(reply, outputs, kind) == expected


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot make pictures.",
        "none.png",
        '{"image": "https://example.org/a.png"}',
        '{"image": "file:///a.png"}',
        '{"image": "../outside.png"}',
        '{"image": "frames"}',
        '{"image": null}',
        '{"input": 5}',
        "data:image/png;base64,???",
        "[" * 5000,
        '{"a":' * 3000,
        "\0.png",
        "x" * 5000 + ".png",
    ],
)
def test_nothing_else_is_opened(reply: str, outputs: Path) -> None:
    assert read(reply, outputs) is None


def test_links_out_of_the_folder_are_no_answer(outputs: Path, tmp_path: Path) -> None:
    (outputs / "link.png").symlink_to(tmp_path / "outside.png")
    (outputs / "linked").mkdir()
    (outputs / "linked" / "0.png").symlink_to(tmp_path / "outside.png")
    assert read("link.png", outputs) is None
    assert read('{"video": "linked"}', outputs, "video") is None


def test_pictures_in_place_of_a_video_are_its_frames_in_order(outputs: Path) -> None:
    reply = json.dumps({"video": [f"frames/{i}.png" for i in (2, 0, 1)]})
    found = answers.read({"answer": "video", "outputs": str(outputs)}, reply)
    assert found is not None and media.kind_of(found) == "frames"
    assert [int(frame[0, 0, 1]) for frame in pixels.frames(found)] == [80, 0, 40]


def test_several_files_for_one_prompt_are_averaged(outputs: Path, caplog) -> None:
    target = [str(outputs / "a.png")]
    several = named_files.Files.of([str(outputs / name) for name in ("a.png", "b.png")])
    values = [scoring.score("psnr", path, target) for path in several.several]
    assert values[0] == 100 > values[1]
    assert scoring.score("psnr", several, target) == pytest.approx(np.mean(values))
    lost = named_files.Files.of(several.several[:1], ["none.png"])
    assert scoring.score("psnr", lost, target) == 50
    assert scoring.score("psnr", named_files.Files.of(several.several, ["x", "y"]), target) == (
        pytest.approx(np.mean([*values, 0, 0]))
    )
    scoring.told.clear()
    one = metrics.function(metrics.metric("map_roc_auc").sample)(several.several[0], target)
    assert scoring.score("map_roc_auc", several, target) == one
    assert "Of several files for one prompt map_roc_auc counts the first." in caplog.text
