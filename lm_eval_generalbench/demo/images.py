"""Image tasks: drawn scenes, with answers in words, boxes, masks and maps."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lm_eval_generalbench.demo.draw import (
    BLACK,
    BLUE,
    BROWN,
    GRASS,
    GREEN,
    GREY,
    ORANGE,
    RED,
    ROAD,
    SHAPES,
    SKIN,
    SKY,
    WHITE,
    YELLOW,
    Box,
    Json,
    annotate,
    bird,
    car,
    corners,
    mask_of,
    person,
    picture,
    save,
    save_array,
    shapes,
    write,
)
from lm_eval_generalbench.media.masks import encode_rle

# ---- words, numbers and boxes ------------------------------------------------------------

SEES = {"modality": {"in": ["image", "text"], "out": ["text"]}, "version": "1.0"}


def seen(key: str, file: Any, prompt: str, output: Json, **others: Any) -> Json:
    """A record with one image, or a list of them."""
    return {"id": key, "input": {"image_file": file, "prompt": prompt} | others, "output": output}


def bird_detection(folder: Path) -> None:
    """Bare file names; boxes by class; the header declares the format of a box."""
    records = []
    for i, boxes in enumerate(
        ([(12, 20, 40, 30)], [(50, 30, 36, 28), (6, 8, 24, 18)], [(30, 14, 50, 44)])
    ):
        image, pen = picture((96, 72), SKY)
        pen.rectangle((0, 60, 95, 71), fill=GRASS)
        for k, box in enumerate(boxes):
            bird(pen, box, (BROWN, BLUE, RED)[(i + k) % 3])
        save(folder / "images" / f"Meadow_Bird_{i:04}.jpg", image)
        output = {"text": {"bird": [list(box) for box in boxes]}}
        prompt = "Detect the bird in the picture"
        records.append(seen(f"bd_{i * 37:04}", f"Meadow_Bird_{i:04}.jpg", prompt, output))
    header = {
        "task": "Bird Detection",
        "type": "image comprehension",
        "modality": {"in": ["image", "text"], "out": ["boxes"]},
        "skill": "Object Detection",
        "domain": "General",
        "general_capability": "Content Recognition",
        "version": "1.0",
        "set_type": "openset",
        "others": {"bbox_format": "(x_min, y_min, width, height)"},
    }
    annotate(folder / "bird_detection.json", header, records)


def fall_human_detection(folder: Path) -> None:
    """A placeholder for a prompt; a list of single-key objects; images without a record."""
    scenes: list[list[tuple[str, Box]]] = [
        [("Fall", (10.5, 44.0, 40.0, 16.0)), ("person", (66.0, 12.0, 16.0, 48.0))],
        [("person", (8.0, 10.0, 15.5, 46.0)), ("person", (40.0, 14.0, 14.0, 44.0))],
        [("Fall", (30.0, 46.0, 44.0, 18.0))],
        [("person", (38.0, 8.0, 18.0, 54.0)), ("Fall", (2.0, 50.0, 34.0, 14.0))],
    ]
    records = []
    for i, things in enumerate([*scenes, scenes[0]]):
        image, pen = picture((96, 72), (215, 210, 200))
        for k, (_, box) in enumerate(things):
            person(pen, box, (BLUE, GREEN, RED)[(i + k) % 3])
        save(folder / "images" / f"{i:03}.jpg", image)
        output = {"bbox": [{name: list(box)} for name, box in things]}
        prompt = "There is no fixed prompt for this task: users define their own."
        records.append(seen(f"fhd{i:04}", f"{i:03}.jpg", prompt, output))
    header = SEES | {"task": "fall-human-detection", "type": "comprehension", "others": {}}
    annotate(folder / "json" / "annotation_v2.json", header, records[: len(scenes)])


def complex_expression_visual_grounding(folder: Path) -> None:
    """One box a record, by its corners; an older annotation lies beside the one that counts."""
    things: list[tuple[str, str, Box]] = [
        ("circle", "red", (8, 10, 20, 20)),
        ("circle", "red", (60, 36, 30, 30)),
        ("square", "blue", (36, 8, 18, 18)),
        ("triangle", "green", (10, 44, 24, 20)),
    ]
    asked = (
        ("the smaller of the two red circles", 0),
        ("the red circle below the blue square", 1),
        ("the only shape with three sides", 3),
        ("the shape between the small circle and the right edge, in the upper half", 2),
    )
    save(folder / "images" / "shapes.png", shapes((96, 72), *things))
    records = []
    for i, (words, which) in enumerate(asked):
        x, y, w, h = things[which][2]
        output = {"bbox": [x, y, x + w, y + h]}
        records.append(seen(f"{i:04}", "images/shapes.png", f"Find {words}.", output))
    header = SEES | {"task": "complex expression visual grounding", "type": "comprehension"}
    header |= {"others": {"bbox_format": "(x_min, y_min, x_max, y_max)"}}
    annotate(folder / "json" / "annotation.json", header, records[:1])
    annotate(folder / "json" / "annotation_v2.json", header | {"version": "2.0"}, records)


def car_brands_recognition(folder: Path) -> None:
    """The answer stands under "prediction"; file names with their folder."""
    records = []
    for i, (brand, colour) in enumerate(
        (("Alvento", RED), ("Borrux", BLUE), ("Alvento", GREEN), ("Cirane Motors", YELLOW))
    ):
        image, pen = picture((112, 64), WHITE)
        car(pen, (10, 22, 90, 40), colour)
        write(pen, (12, 4), brand.upper())
        save(folder / "images" / f"CarBrands{i:04}.png", image)
        prompt = "recognize the brand of the car"
        file = f"images/CarBrands{i:04}.png"
        records.append(seen(f"CarBrands{i:04}", file, prompt, {"prediction": brand}))
    header = SEES | {"task": "Car Brands Recognition", "type": "comprehension"}
    header |= {"skill": "Object Recognition(Object Recog)", "capability": "Content Recognition"}
    annotate(folder / "json" / "annotation.json", header, records)


def art_image_visual_question_answering(folder: Path) -> None:
    """The prompt is the question; several accepted answers; two records share an image."""
    image, pen = picture((80, 96), BROWN)
    pen.rectangle((8, 8, 71, 87), fill=SKY)
    pen.rectangle((8, 60, 71, 87), fill=GRASS)
    pen.ellipse((50, 14, 66, 30), fill=YELLOW)
    save(folder / "images" / "0002.png", image)
    image, pen = picture((80, 96), BLACK)
    for i in range(4):
        SHAPES["circle"](pen, (6 + i * 18, 30, 14, 14), RED)
    save(folder / "images" / "0011.png", image)
    records = [
        seen("2", "0002.png", "What shines above the meadow?", {"text": ["sun", "the sun"]}),
        seen("7", "0002.png", "What colour is the frame?", {"text": ["brown"]}),
        seen("11", "0011.png", "How many red discs are there?", {"text": ["4", "four"]}),
        seen("15", "0011.png", "Is there a face?", {"text": ["no", "no face", "none"]}),
    ]
    header = SEES | {"task": "Art Image Visual Question Answering", "type": "image comprehension"}
    annotate(folder / "art_image_visual_question_answering.json", header, records)


def chemistry_vqa(folder: Path) -> None:
    """A fixed prompt; the question ends with the choices as a Python list, quotes mixed."""
    records = []
    ask = "Answer the question about the image with one of the given choices."
    choices = ["Solution A", "Solution B", "neither; it's the same in both"]
    for i, (left, right) in enumerate(((2, 6), (7, 3), (4, 4))):
        image, pen = picture((112, 72), WHITE)
        for x, count, name in ((6, left, "A"), (60, right, "B")):
            pen.rectangle((x, 14, x + 44, 66), fill=SKY, outline=BLACK)
            for k in range(count):
                SHAPES["circle"](pen, (x + 4 + k % 3 * 14, 18 + k // 3 * 15, 9, 9), GREEN)
            write(pen, (x + 18, 0), name, 10)
        save(folder / "images" / f"{300 + i}_image.png", image)
        question = f"Which solution holds more particles? The candidate choices are {choices}."
        answer = choices[1 if right > left else 0 if left > right else 2]
        file = f"{300 + i}_image.png"
        records.append(seen(f"ckv{i:04}", file, ask, {"text": answer}, question=question))
    header = SEES | {"task": "chemistry vqa", "type": "comprehension", "domain": ["Chemistry"]}
    annotate(folder / "json" / "annotation.json", header, records)


def lung_nodule_diagnosis_vqa(folder: Path) -> None:
    """Yes or no, with a fixed prompt beside the question."""
    records = []
    for i, (file, answer) in enumerate((("n01.png", "yes"), ("n02.png", "no"), ("n03.png", "yes"))):
        image = Image.new("L", (80, 64), 15)
        pen = ImageDraw.Draw(image)
        pen.ellipse((8, 6, 36, 58), fill=70)
        pen.ellipse((44, 6, 72, 58), fill=70)
        if answer == "yes":
            pen.ellipse((16 + 30 * (i // 2), 20, 24 + 30 * (i // 2), 28), fill=190)
        save(folder / "images" / file, image)
        ask = "Look at the drawing of a chest scan and answer yes or no."
        question = "Is there a bright round spot in one of the lungs?"
        records.append(seen(f"{i + 1}", file, ask, {"text": answer}, question=question))
    header = SEES | {"task": "lung nodule diagnosis vqa", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def car_model_matching(folder: Path) -> None:
    """Two images a record."""
    for name, colour, box in (
        ("a", RED, (8, 20, 80, 36)),
        ("b", BLUE, (8, 20, 80, 36)),
        ("c", RED, (30, 8, 36, 50)),
    ):
        image, pen = picture((96, 64), WHITE)
        car(pen, box, colour)
        save(folder / "images" / f"car_{name}.png", image)
    records = [
        {
            "id": f"cmm{i}",
            "input": {
                "image_list": [f"images/car_{x}.png" for x in pair],
                "prompt": "Do both pictures show the same model of car, whatever its colour?",
            },
            "output": {"text": answer},
        }
        for i, (pair, answer) in enumerate((("ab", "yes"), ("ac", "no"), ("bc", "no")))
    ]
    header = SEES | {"task": "car model matching", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def seed_counting(folder: Path) -> None:
    """A number, or the place of every seed."""
    records = []
    for i, count in enumerate((5, 9, 3, 12)):
        places = [(12 + k % 4 * 20, 10 + k // 4 * 20) for k in range(count)]
        image, pen = picture((88, 64), (230, 220, 200))
        for x, y in places:
            pen.ellipse((x - 4, y - 3, x + 4, y + 3), fill=BROWN)
        save(folder / "images" / f"seeds{i}.jpg", image)
        text: Any = [list(place) for place in places] if i == 3 else count
        records.append(seen(f"s{i:02}", f"seeds{i}.jpg", "Count the seeds.", {"text": text}))
    header = SEES | {"task": "Seed Counting", "type": "comprehension"}
    annotate(folder / "seed_counting.json", header, records)


def coco_image_captioning(folder: Path) -> None:
    """Paths as they were where the annotation was written; several captions a record."""
    scenes = (
        (
            [("square", "blue", (10, 20, 30, 30)), ("circle", "red", (52, 24, 26, 26))],
            ["A blue square stands beside a red circle.", "A red disc to the right of a square."],
        ),
        (
            [("triangle", "green", (28, 8, 40, 50))],
            ["A tall green triangle in the middle.", "One green triangle on a white ground."],
        ),
        (
            [("circle", "yellow", (8 + 28 * k, 20, 22, 22)) for k in range(3)],
            ["Three yellow balls lie in a row."],
        ),
    )
    records = []
    for i, (things, captions) in enumerate(scenes):
        file = f"{i:012}.jpg"
        save(folder / "images" / file, shapes((96, 64), *things))  # type: ignore[arg-type]
        stale = f"./data/comprehension/coco_image_captioning/images/{file}"
        records.append(seen(f"coco{i}", stale, "Describe the image.", {"text": captions}))
    header = SEES | {"task": "COCO Image Captioning", "type": "comprehension"}
    annotate(folder / "coco_image_captioning.json", header, records)


def chinese_image_captioning(folder: Path) -> None:
    """Captions in Chinese; a path with back-slashes in one record."""
    records = []
    for i, (shape, colour, caption) in enumerate(
        (
            ("circle", "red", "一个红色的圆。"),
            ("square", "blue", "白色背景上有一个蓝色的方块。"),
            ("triangle", "green", "中间是绿色的三角形。"),
        )
    ):
        save(folder / "images" / f"zh{i}.png", shapes((72, 72), (shape, colour, (16, 16, 40, 40))))
        file = f"images\\zh{i}.png" if i == 1 else f"images/zh{i}.png"
        records.append(seen(f"zh{i}", file, "用一句话描述这张图片。", {"text": [caption]}))
    header = SEES | {"task": "chinese image captioning", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def license_plate_ocr(folder: Path) -> None:
    """A text to be read."""
    records = []
    for i, plate in enumerate(("KD 482", "ORB-77", "9 TUN 3")):
        image, pen = picture((112, 48), ROAD)
        pen.rectangle((6, 8, 105, 39), fill=WHITE, outline=BLACK, width=2)
        write(pen, (16, 11), plate, 20)
        save(folder / "images" / f"{i + 1}.jpg", image)
        prompt = "Read the number plate."
        records.append(seen(f"lp{i + 1}", f"images/{i + 1}.jpg", prompt, {"text": plate}))
    header = SEES | {"task": "License Plate OCR", "type": "comprehension"}
    annotate(folder / "LicensePlateOCR.json", header, records)


def image_scene_graph_parsing(folder: Path) -> None:
    """Relations as triples, and as objects with the boxes of both sides."""
    ball, box, lamp = (20, 18, 20, 20), (14, 38, 32, 26), (64, 10, 18, 54)
    save(
        folder / "images" / "room.png",
        shapes(
            (96, 72), ("circle", "red", ball), ("square", "blue", box), ("square", "green", lamp)
        ),
    )
    save(
        folder / "images" / "pair.png",
        shapes(
            (96, 72), ("triangle", "green", (8, 20, 36, 40)), ("circle", "red", (56, 28, 28, 28))
        ),
    )
    prompt = "Give the relations between the things in the image."
    boxed = {"subject": "ball", "predicate": "on", "object": "box"}
    boxed |= {"subject_box": list(ball), "object_box": list(box)}  # type: ignore[dict-item]
    records = [
        seen(
            "sg1",
            "room.png",
            prompt,
            {"relations": [["ball", "on", "box"], ["lamp", "near", "box"]]},
        ),
        seen("sg2", "pair.png", prompt, {"relations": [["triangle", "left of", "circle"]]}),
        seen("sg3", "room.png", prompt, {"relations": [boxed]}),
    ]
    header = SEES | {"task": "Image Scene Graph Parsing", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def american_sign_language_recognition(folder: Path) -> None:
    """A few classes, seen unequally often."""
    records = []
    for i, letter in enumerate("ABCAB"):
        image, pen = picture((64, 64), WHITE)
        pen.rectangle((20, 32, 44, 60), fill=SKIN)
        fingers = {"A": (), "B": (20, 26, 32, 38), "C": (20, 38)}[letter]
        for x in fingers:
            pen.rectangle((x, 8 + 2 * i, x + 5, 34), fill=SKIN, outline=BROWN)
        save(folder / "images" / f"sign_{i}.jpg", image)
        prompt = "Which letter does the hand show?"
        records.append(seen(f"asl{i:03}", f"sign_{i}.jpg", prompt, {"text": letter}))
    header = SEES | {"task": "American Sign Language Recognition", "type": ["comprehension"]}
    annotate(folder / "american_sign_language_recognition.json", header, records)


def multimodal_named_entity_recognition(folder: Path) -> None:
    """A text beside the image; entities as (name, type)."""
    records = []
    for i, (text, entities) in enumerate(
        (
            ("Mara waves from the pier of Lindau", "(Mara, PER), (Lindau, LOC)"),
            ("New boots from Tarnwerk, just in time for Oslo", "(Tarnwerk, ORG), (Oslo, LOC)"),
            ("Ole and Pim won the relay", "(Ole, PER), (Pim, PER)"),
        )
    ):
        image, pen = picture((80, 64), SKY)
        person(pen, (14 + 20 * i, 12, 18, 50), (RED, BLUE, GREEN)[i])
        save(folder / "images" / f"post{i}.jpg", image)
        prompt = (
            "Post: <<<raw_text>>>. List its entities as (name, PER), (name, LOC) or (name, ORG)."
        )
        records.append(seen(f"mner{i}", f"post{i}.jpg", prompt, {"text": entities}, raw_text=text))
    header = SEES | {"task": "Multimodal Named Entity Recognition", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


# ---- masks, instances, key points, depth, mattes, anomalies ------------------------------


def outline(box: Box) -> list[float]:
    """A box as one flat polygon."""
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def indoor_semantic_segmentation(folder: Path) -> None:
    """A map of class numbers that the header names; image and map share a file name."""
    records = []
    for i, sofa in enumerate(((10, 40, 40, 18), (44, 36, 46, 24), None)):
        horizon = 40 + 4 * i
        image, pen = picture((96, 72), (225, 215, 190))
        pen.rectangle((0, horizon, 95, 71), fill=BROWN)
        labels = np.full((72, 96), 1, np.uint8)
        labels[horizon:] = 2
        if sofa:
            pen.rectangle(corners(sofa), fill=GREEN)
            labels[mask_of((96, 72), ("square", sofa))] = 3
        save(folder / "images" / f"room{i}.png", image)
        save(folder / "annotations" / f"room{i}.png", Image.fromarray(labels))
        prompt = "Segment the room into its parts."
        records.append(seen(f"iss{i}", f"room{i}.png", prompt, {"mask": f"room{i}.png"}))
    names = {"0": "background", "1": "wall", "2": "floor", "3": "sofa"}
    header = SEES | {"task": "Indoor Semantic Segmentation", "labels": names}
    annotate(folder / "json" / "annotation.json", header, records)


def bone_fracture_detection(folder: Path) -> None:
    """Run lengths, polygons, and an image with nothing to find."""
    size = (64, 96)
    records = []
    cracks: list[Box | None] = [(24, 40, 18, 8), (20, 60, 24, 6), None]
    for i, crack in enumerate(cracks):
        image = Image.new("L", size, 20)
        pen = ImageDraw.Draw(image)
        pen.rectangle((24, 4, 40, 91), fill=170)
        output: Json = {"segmentation": []}
        if crack:
            pen.rectangle(corners(crack), fill=60)
            output = {"segmentation": [outline(crack)]}
            if i == 0:
                output = {"mask": encode_rle(mask_of(size, ("square", crack)))}
        save(folder / "images" / f"bone_{i}.png", image)
        prompt = "Mark the fracture of the bone."
        records.append(seen(f"bf{i:03}", f"images/bone_{i}.png", prompt, output))
    annotate(folder / "bone_fracture_detection.json", SEES | {"task": "bone fracture"}, records)


def vehicle_instance_segmentation(folder: Path) -> None:
    """A list of objects, each with its class, its polygons and its box, as in COCO."""
    scenes: list[list[tuple[str, Box]]] = [
        [("car", (6, 30, 34, 20)), ("bus", (46, 10, 44, 44))],
        [("car", (4, 8, 30, 18)), ("car", (50, 40, 36, 22))],
        [("bus", (20, 12, 56, 44))],
    ]
    records = []
    for i, things in enumerate(scenes):
        image, pen = picture((96, 72), ROAD)
        for name, box in things:
            pen.rectangle(corners(box), fill=YELLOW if name == "bus" else RED)
        save(folder / "images" / f"{i:06}.jpg", image)
        objects = [
            {"category": name, "segmentation": [outline(box)], "bbox": list(box), "iscrowd": 0}
            for name, box in things
        ]
        prompt = "Segment every vehicle."
        records.append(seen(f"{i:06}", f"{i:06}.jpg", prompt, {"annotations": objects}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "vehicle instances"}, records)


def road_scene_panoptic_segmentation(folder: Path) -> None:
    """COCO's panoptic format: a PNG whose colours are ids, and what each id is."""
    records = []
    for i, cars in enumerate(([(10, 36, 24, 16)], [(6, 40, 20, 14), (60, 36, 30, 20)])):
        image, pen = picture((96, 72), SKY)
        pen.rectangle((0, 32, 95, 71), fill=ROAD)
        ids = np.full((72, 96), 1000)
        ids[32:] = 70000
        info = [{"id": 1000, "category_id": 1, "iscrowd": 0}]
        info.append({"id": 70000, "category_id": 2, "iscrowd": 0})
        for k, box in enumerate(cars):
            pen.rectangle(corners(box), fill=RED)
            ids[mask_of((96, 72), ("square", box))] = 300 + k
            info.append({"id": 300 + k, "category_id": 3, "iscrowd": 0})
        colours = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1)
        save(folder / "images" / f"road_{i}.jpg", image)
        save(folder / "panoptic" / f"road_{i}.png", Image.fromarray(colours.astype(np.uint8)))
        output = {"file_name": f"panoptic/road_{i}.png", "segments_info": info}
        prompt = "Give every pixel of the road scene a segment."
        records.append(seen(f"pan{i}", f"images/road_{i}.jpg", prompt, output))
    categories = [
        {"id": 1, "name": "sky", "isthing": 0},
        {"id": 2, "name": "road", "isthing": 0},
        {"id": 3, "name": "car", "isthing": 1},
    ]
    header = SEES | {"task": "Road Scene Panoptic Segmentation", "categories": categories}
    annotate(folder / "annotation.json", header, records)


# x and y of COCO's 17 key points as shares of the box of the upright figure of `person`
JOINTS = (
    *((0.5, 0.08), (0.55, 0.06), (0.45, 0.06), (0.62, 0.08), (0.38, 0.08)),
    *((0.95, 0.2), (0.05, 0.2), (0.95, 0.35), (0.05, 0.35), (0.95, 0.5), (0.05, 0.5)),
    *((0.7, 0.6), (0.3, 0.6), (0.7, 0.78), (0.3, 0.78), (0.7, 0.98), (0.3, 0.98)),
)


def person_keypoint_detection(folder: Path) -> None:
    """COCO key points; those of a head that the image cuts off are absent."""
    scenes: list[list[Box]] = [
        [(30, 8, 24, 80)],
        [(8, 14, 20, 70), (52, 10, 24, 78)],
        [(36, -14, 28, 90)],
    ]
    records = []
    for i, boxes in enumerate(scenes):
        image, pen = picture((96, 96), WHITE)
        people = []
        for k, (x, y, w, h) in enumerate(boxes):
            person(pen, (x, y, w, h), (RED, BLUE)[k])
            flat: list[float] = []
            for u, v in JOINTS:
                place = (round(x + u * w, 1), round(y + v * h, 1))
                flat += [*place, 2] if place[1] >= 0 else [0, 0, 0]
            seen_points = sum(v > 0 for v in flat[2::3])
            top = max(y, 0)
            people.append(
                {
                    "category": "person",
                    "keypoints": flat,
                    "num_keypoints": seen_points,
                    "bbox": [x, top, w, y + h - top],
                    "area": w * (y + h - top) * 0.6,
                }
            )
        save(folder / "images" / f"p{i}.jpg", image)
        prompt = "Find the key points of every person."
        records.append(seen(f"kp{i}", f"p{i}.jpg", prompt, {"annotations": people}))
    annotate(folder / "person_keypoint_detection.json", SEES | {"task": "keypoints"}, records)


def indoor_depth_estimation(folder: Path) -> None:
    """16-bit PNG in millimetres with holes, and an array in metres."""
    records = []
    for i in range(3):
        rows = np.linspace(4.0, 1.5 + 0.3 * i, 48, dtype=np.float32).round(2)
        depth = np.repeat(rows[:, None], 64, axis=1)
        depth[20:44, 8 + 12 * i : 30 + 12 * i] = 1.2
        shade = np.clip(250 - depth * 50, 0, 255).astype(np.uint8)
        save(folder / "images" / f"d{i}.png", Image.fromarray(shade))
        if i == 2:
            name = "depths/d2.npy"
            save_array(folder / name, depth)
        else:
            name = f"depths/d{i}.png"
            depth[:2] = 0  # unknown
            save(folder / name, Image.fromarray((depth * 1000).round().astype(np.uint16)))
        prompt = "Estimate the depth of the room."
        records.append(seen(f"depth{i}", f"images/d{i}.png", prompt, {"depth": name}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "indoor depth"}, records)


def matting(folder: Path, title: str, key: str) -> None:
    """Alpha mattes with soft edges: one with the name of its image, one with a stale path."""
    records = []
    for i in range(3):
        matte = Image.new("L", (80, 64))
        SHAPES["circle"](ImageDraw.Draw(matte), (10 + 12 * i, 12, 36, 44), 255)
        SHAPES["triangle"](ImageDraw.Draw(matte), (14 + 12 * i, 4, 14, 16), 255)
        matte = matte.filter(ImageFilter.GaussianBlur(1 + i / 2))
        scene = Image.new("RGB", matte.size, SKY)
        scene.paste(Image.new("RGB", matte.size, (BROWN, ORANGE, GREY)[i]), mask=matte)
        save(folder / "images" / f"m{i}.png", scene)
        save(folder / "masks" / f"m{i}.png", matte)
        name = (f"masks/m{i}.png", f"m{i}.png", f"./data/comprehension/x/masks/m{i}.png")[i]
        prompt = "Give the alpha matte of the foreground."
        records.append(seen(f"mat{i}", f"images/m{i}.png", prompt, {key: name}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": title}, records)


def animal_image_matting(folder: Path) -> None:
    matting(folder, "Animal Image Matting", "alpha")


def person_hair_matting(folder: Path) -> None:
    matting(folder, "person hair matting", "text")


def bottle_anomaly_detection(folder: Path) -> None:
    """Good images have no mask; two defects of different kinds."""
    records = []
    for i, kind in enumerate(("good", "broken", "good", "contamination")):
        image, pen = picture((72, 72), WHITE)
        if i == 2:  # a busy ground is no defect
            for x in range(2, 72, 6):
                pen.line((x, 0, x, 71), fill=GREY)
        pen.ellipse((8, 8, 63, 63), fill=(90 + 4 * i, 60, 30))
        pen.ellipse((22, 22, 49, 49), fill=BLACK)
        output: Json = {"label": kind}
        if kind != "good":
            flaw = (50, 10 + 6 * i, 12, 12)
            pen.rectangle(corners(flaw), fill=WHITE if kind == "broken" else RED)
            mask = mask_of((72, 72), ("square", flaw))
            name = f"ground_truth/{i:03}_mask.png"
            save(folder / name, Image.fromarray(mask.astype(np.uint8) * 255))
            output["mask"] = name
        save(folder / "images" / f"{i:03}.png", image)
        prompt = "Is something wrong with the bottle, seen from above?"
        records.append(seen(f"ba{i:03}", f"{i:03}.png", prompt, output))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "bottle anomaly"}, records)
