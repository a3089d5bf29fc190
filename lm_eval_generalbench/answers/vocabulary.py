"""Words that replies and records use for one thing: label, score, box, list, region, file, frame.

Where the first word that is there decides, their order counts. Tuples of one
meaning stand side by side, and differ where the data of their kinds do. Words
of a single kind, such as subject or trigger, stand in its file.

Kinds about pictures compare keys by small letters and digits alone
(`catalog.canonical`): "bbox_2d" is "bbox2d" here. All others take keys as they
are spelled.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# --- labels and scores: pictures, space ---

LABEL_KEYS = (
    *("label", "class", "category", "classname", "categoryname", "name", "object", "type"),
    *("labels", "classes", "categories", "names", "categoryid", "classid", "bboxeslabels"),
)
LABEL_KEYS_3D = (
    *("label", "detection_name", "tracking_name", "category_name", "category", "class"),
    *("class_name", "name", "type"),
)
CLASS_LIST_KEYS = ("labels", "classes", "categories", "label_map", "names")  # of the header's names

SCORE_KEYS = ("score", "confidence", "conf", "probability", "scores", "confidences")
SCORE_KEYS_3D = ("score", "detection_score", "tracking_score", "confidence")

CROWD_KEYS = ("iscrowd", "isgroupof")  # COCO's and Open Images' mark of a group not taken apart

# --- boxes: pictures, frames in replies and in records, space ---

BOX_KEYS = (
    *("box", "bbox", "bbox2d", "box2d", "boundingbox", "rect"),
    *("boxes", "bboxes", "boundingboxes", "coordinates", "coords"),
)
FRAME_BOX_KEYS = ("box", "bbox")
RECORD_BOX_KEYS = ("bbox", "box")
BOX_KEYS_3D = (
    *(
        "box",
        "bbox",
        "box_3d",
        "bbox_3d",
        "box3d",
        "bbox3d",
        "box3D",
        "bbox3D",
        "box_3D",
        "bbox_3D",
    ),
    *("3d_box", "3d_bbox", "bounding_box", "bounding_box_3d", "boundingBox"),
)

FORMAT_KEYS = ("format", "bboxformat", "boxformat", "bboxmode", "boxmode", "coordinateformat")

# --- frames of a video, by number and by time ---

FRAME_WORDS = (
    *("frame", "frameid", "frameindex", "framenumber", "frameno", "index", "framenum"),
    *("frameidx", "idx", "framen"),
)
TIME_WORDS = ("time", "timestamp", "seconds", "sec", "second", "timesec", "times", "t")
FRAME_LIST_WORDS = (  # of lists, or ranges, that stand beside a list of boxes
    *("frames", "frameids", "frameindices", "frameindexes", "framenumbers", "framenos", "indices"),
    *("frameidxs", "idxs", "framelist", *FRAME_WORDS),
)
TIME_LIST_WORDS = ("timestamps", *TIME_WORDS)

COUNT_WORDS = ("id", "number", "no", "n")  # count frames where no item of a list says more

# --- what is wrapped around the answer, and is no label ---

WRAPPERS = (
    *("text", "prediction", "predictions", "answer", "answers", "output", "outputs", "result"),
    *("results", "objects", "detections", "annotations", "instances", "items", "data"),
)
TRACK_WRAPPERS = (
    *WRAPPERS,
    *("tube", "tubes", "tracklet", "tracklets", "tracks", "track", "trajectories", "object"),
)
REGION_WRAPPERS = (*WRAPPERS, "segments", "segmentsinfo", "people", "persons")
RELATION_WRAPPERS = (
    *WRAPPERS,
    *("relations", "relationships", "triples", "triplets", "scenegraph", "graph", "edges"),
    *("sentence", "sentences", "description", "descriptions", "caption", "captions"),
)
WRAPPERS_3D = (
    *("frames", "results", "boxes", "instances", "objects", "detections", "tracks"),
    *("annotations", "predictions", "answer"),
)
FRAME_WRAPPERS_3D = ("boxes", "objects", "annotations")  # around the boxes of one frame
EVENT_WRAPPERS = ("events", "event_list", "answer", "result", "text")

# --- keys of an object that holds an answer in words; the first that is there counts ---

ANSWER_KEYS = (
    *("finalanswer", "correctanswer", "answer", "answers", "finalchoice", "correctoption"),
    *("selectedoption", "choice", "option", "selected", "prediction", "predictedlabel"),
    *("conclusion", "response", "reply", "total", "totalcount", "count", "number", "result"),
    *("output", "solution", "caption", "summary", "translation", "description", "sql", "query"),
    *("code", "label", "category", "class", "value", "text", "content", "message", "final"),
    *("答案", "回答", "respuesta", "réponse", "antwort", "ответ", "答え", "정답"),
)
# first keys of what servers send, and of objects that may hold JSON as text
ENVELOPE_KEYS = {
    *("id", "object", "created", "model", "choices", "role", "content", "message", "type", "text"),
    *("generatedtext", "candidates", "index", "finishreason", "output", "response", "answer"),
    *("answers", "finalanswer", "result", "results", "prediction", "predictions", "status"),
}

# --- lists with an item for every frame ---

MASK_LIST_KEYS = ("frames", "masks")
BOX_LIST_KEYS = (
    "boxes",
    "bboxes",
    "bounding_boxes",
    "bounding boxes",
    "frames",
    "track",
    "trajectory",
    *FRAME_BOX_KEYS,
)
GRID_LIST_KEYS = ("grid", "grids", "frames")

# --- files that the model made ---

FILE_KEYS = (
    *("image", "mask", "depth", "alpha", "matte", "map", "flow", "video"),
    *("audio", "mesh", "points", "motion", "output", "file", "path"),
)
REGION_FILE_KEYS = (*FILE_KEYS, "png", "maskfile", "maskpath", "filename", "panseg")

# --- regions, masks, grids of numbers ---

REGION_KEYS = (
    *("mask", "masks", "segmentation", "segmentations", "rle", "polygon", "polygons"),
    *("points", "region", "regions", "contour", "contours", *BOX_KEYS),
    *(key for key in REGION_FILE_KEYS if key not in ("mask", "points")),
)
MASK_KEYS = ("mask", "segmentation")  # of one frame
GRID_KEYS = ("grid", "depth", "alpha", "matte", "values", "map", "data", "depthmap", "anomalymap")

# --- nothing, and yes or no ---

EMPTY = {"none", "no", "nothing", "n/a", "na", "null", "empty", "[]", "()", "{}", "-"}
BACKGROUND_NAMES = {"background", "bg", "none"}  # names of what is no class of a picture
UNLABELLED_NAMES = {
    "void",
    "ignore",
    "unlabeled",
    "unlabelled",
}  # names of what is not to be scored

TRUE = {"yes", "true", "1", "y", "correct", "defect", "defective", "positive"}
FALSE = {"no", "false", "0", "n", "incorrect", "no defect", "non-defective", "negative"}
# yes and no in replies, where a model of another language answers in its own
YES = {
    *(
        "yes",
        "yeah",
        "yep",
        "true",
        "是",
        "是的",
        "有",
        "有的",
        "对",
        "对的",
        "正确",
        "没错",
        "存在",
        "はい",
    ),
    *("そうです", "네", "예", "sí", "si", "oui", "ja", "да", "sim", "tak", "evet", "हाँ", "نعم"),
    *("có", "ya", "ναι", "так", "igen", "ano", "kyllä", "ใช่", "ใช่ครับ", "ใช่ค่ะ", "بله", "כן"),
}
NO = {
    *("no", "nope", "false", "否", "不是", "不是的", "没有", "不", "不对", "错误", "不存在"),
    *("错", "错的", "不正确"),
    *(
        "いいえ",
        "違います",
        "아니요",
        "아니오",
        "non",
        "nein",
        "нет",
        "não",
        "nie",
        "hayır",
        "नहीं",
        "لا",
    ),
    *("không", "tidak", "bukan", "nee", "nej", "όχι", "ні", "nem", "ei", "ไม่", "ไม่ใช่", "خیر"),
    *("לא", "没", "無", "無い", "ない", "ありません"),
}
# of these, words that open sentences in other languages or senses
SELDOM_OPENING = {"ya", "si", "ano", "nem", "ei", "так", "ні", "tak", "没"}
POLAR = [{"yes", "no"}, {"true", "false"}, {"0", "1"}]  # candidates that are a truth value


# --- looking a word up ---


def is_crowd(fields: Mapping[str, Any]) -> bool:
    """Whether an object of a record, by canonical key, is a group where nothing is asked for.

    >>> is_crowd({"iscrowd": 1}), is_crowd({"iscrowd": 0}), is_crowd({})
    (True, False, False)
    """
    return first_given(fields, CROWD_KEYS) in (1, True, "1", "true", "True")


def first_present(mapping: Mapping[str, Any], keys: Iterable[str]) -> Any:
    """What stands under the first of `keys` that is there, null too; None without any.

    >>> first_present({"label": None, "name": "bird"}, LABEL_KEYS)
    """
    return next((mapping[key] for key in keys if key in mapping), None)


def first_given(mapping: Mapping[str, Any], keys: Iterable[str]) -> Any:
    """What stands under the first of `keys` that has a value other than null; None without any.

    >>> first_given({"label": None, "name": "bird"}, LABEL_KEYS)
    'bird'
    """
    return next((mapping[key] for key in keys if mapping.get(key) is not None), None)


def first_filled(mapping: Mapping[str, Any], keys: Iterable[str]) -> Any:
    """What stands under the first of `keys` that is neither null nor empty; None without any.

    >>> first_filled({"label": "", "name": "bird"}, LABEL_KEYS)
    'bird'
    """
    return next((mapping[key] for key in keys if mapping.get(key) not in (None, "", [], {})), None)
