"""Files that name other files are no media: nothing but the file itself is opened."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench.errors import BadAnswer, BadMedia
from lm_eval_generalbench.media import videos
from lm_eval_generalbench.media.audio import audio_header, read_audio
from lm_eval_generalbench.media.kinds import check
from lm_eval_generalbench.media.pixels import frames
from lm_eval_generalbench.metrics import generated

SEGMENT = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n"
LISTS = {
    "hls": SEGMENT,
    "m3u": "#EXTM3U\n{0}\n",
    "concat": "ffconcat version 1.0\nfile {0}\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="audio/wav">'
    '<Representation id="1" bandwidth="1"><BaseURL>{0}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "cue": 'FILE "{0}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "asx": '<ASX version="3.0"><Entry><Ref href="{0}"/></Entry></ASX>',
    "reference": "[Reference]\nRef1={0}\n",
}
READERS = [audio_header, read_audio, check, videos.video_header, lambda x: list(frames(x))]


@pytest.mark.parametrize("ending", ["wav", "mp3", "m4a", "mp4", "ts", "m3u8"])
@pytest.mark.parametrize("kind", LISTS)
def test_what_a_playlist_names_is_never_opened(tmp_path, kind, ending):
    pipe = tmp_path / "secret.ts"
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)  # whoever opens it waits for ever
    path = tmp_path / f"a.{ending}"
    for named in ("secret.ts", str(pipe)):
        path.write_text(LISTS[kind].format(named))
        for read in READERS:
            if read is check and ending == "m3u8":
                continue  # no ending of a medium: only looked whether it is there
            with pytest.raises(BadMedia, match=f"a.{ending} is no usable"):
                read(path)
        assert videos.rate_of(path) is None


def test_a_playlist_of_sounds_is_no_answer(tmp_path):
    reference, other = tmp_path / "r.wav", tmp_path / "secret.wav"
    for place in (reference, other):
        soundfile.write(place, np.sin(np.arange(8000) / 9), 16_000)
    answer = tmp_path / "a.wav"
    answer.write_text(SEGMENT.format(other))
    with pytest.raises(BadAnswer, match="a.wav is no usable sound"):
        generated.opened(generated._sound, str(answer))
    with pytest.raises(BadMedia):
        generated.mcd(str(reference), {"files": [str(answer)]})


@pytest.mark.parametrize(
    "name", ["concat:a.wav", "data:,x.wav", "a%d.wav", "http:a.m4a", "[a].wav"]
)
def test_a_name_that_looks_like_an_address_or_a_pattern_is_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    soundfile.write("plain.wav", np.full(1600, 0.5), 16_000)
    Path(name).write_bytes(Path("plain.wav").read_bytes())
    with videos.opened(name) as container:
        assert container.streams.audio[0].rate == 16_000
    assert len(read_audio(name)) == 1600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    with pytest.raises(FileNotFoundError):
        videos.opened(tmp_path / "a.mp4")
    assert videos.rate_of(tmp_path / "a.mp4") is None
