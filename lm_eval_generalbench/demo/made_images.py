"""Tasks that ask for a picture: what is given, and what should come of it."""

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
    SKIN,
    SKY,
    WHITE,
    YELLOW,
    Json,
    annotate,
    bird,
    car,
    corners,
    person,
    picture,
    save,
    save_array,
    write,
)
from lm_eval_generalbench.demo.sounds import chirps, noise, save_sound, sweep

PAINTS = {"modality": {"in": ["image", "text"], "out": ["image"]}, "version": "1.0"}
SIZE = (64, 48)


def scene(number: int) -> Image.Image:
    """One of four places: a street, a meadow, a field, a park."""
    image, pen = picture(SIZE, SKY)
    pen.rectangle((0, 28, 64, 48), fill=(ROAD, GRASS, BROWN, GREEN)[number % 4])
    if number % 4 == 0:
        car(pen, (12, 18, 36, 20), RED)
    elif number % 4 == 1:
        bird(pen, (20, 14, 26, 22), BLUE)
    elif number % 4 == 2:
        pen.ellipse((44, 4, 58, 18), fill=YELLOW)
        pen.polygon([(4, 30), (18, 12), (32, 30)], fill=GREY)
    else:
        person(pen, (26, 8, 12, 34), ORANGE)
    return image


def face(number: int, hair: tuple[int, ...] = BROWN) -> Image.Image:
    """A face from the front, with hair."""
    image, pen = picture((48, 48), (SKY, WHITE, GRASS)[number % 3])
    pen.ellipse((8, 3, 40, 38), fill=hair)
    pen.ellipse((12, 10, 36, 44), fill=SKIN)
    for x in (18, 27):
        pen.ellipse((x, 22, x + 4, 25), fill=BLACK)
    pen.rectangle((18 + number, 32, 29 - number, 34), fill=RED)
    return image


def edges(image: Image.Image) -> Image.Image:
    """Its outlines, white on black."""
    return image.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda v: 255 * (v > 40))


def sketch(image: Image.Image) -> Image.Image:
    """Its outlines, dark on white."""
    return edges(image).point(lambda v: 255 - v)


def mosaic(image: Image.Image) -> Image.Image:
    """The picture in tiles of four by four pixels."""
    small = image.resize((image.width // 4, image.height // 4), Image.Resampling.NEAREST)
    return small.resize(image.size, Image.Resampling.NEAREST)


def painted(folder: Path, file: str, task: str, records: list[Json]) -> None:
    annotate(folder / file, PAINTS | {"task": task}, records)


def record(key: str, given: Json, output: Any) -> Json:
    return {"id": key, "input": given, "output": output}


def image_deraining(folder: Path) -> None:
    """Pictures with rain and without; both folders are named in the record."""
    records = []
    for i in range(3):
        dry, rng = scene(i), np.random.default_rng(i)
        wet = dry.copy()
        for x, y in rng.integers(0, SIZE, (40, 2)).tolist():
            ImageDraw.Draw(wet).line((x, y, x - 2, y + 6), fill=(225, 230, 235))
        save(folder / f"source_images/{i}.png", wet)
        save(folder / f"target_images/{i}.png", dry)
        given = {"image_file": f"source_images/{i}.png", "prompt": "Remove the rain."}
        records.append(record(str(i), given, {"image_file": f"target_images/{i}.png"}))
    painted(folder, "json/annotation.json", "Image Deraining", records)


def image_shadow_removal(folder: Path) -> None:
    """The reference is named by its bare name, which the shadowed picture shares."""
    records = []
    for i in range(3):
        lit = scene(i + 1)
        shadow = Image.new("L", SIZE, 255)
        ImageDraw.Draw(shadow).ellipse(corners((6 + 8 * i, 20, 34, 22)), fill=120)
        values = np.asarray(lit, float) * (np.asarray(shadow, float)[..., None] / 255)
        save(folder / f"images/{i:04}.png", Image.fromarray(values.round().astype(np.uint8)))
        save(folder / f"gt/{i:04}.png", lit)
        given = {"image_file": f"images/{i:04}.png", "prompt": "Remove the shadow."}
        records.append(record(f"{i:04}", given, {"gt": f"{i:04}.png"}))
    painted(folder, "image_shadow_removal.json", "Image Shadow Removal", records)


def document_unwarping(folder: Path) -> None:
    """Photographs of bent pages, and the scans."""
    records = []
    for i, words in enumerate(("Receipt 17", "Page 4 of 9")):
        scan, pen = picture((96, 128), WHITE)
        for line in range(9):
            write(pen, (6, 4 + 13 * line), words if line % 3 == 0 else "lorem ipsum", 11)
        rows, columns = np.indices((128, 96))
        bent = np.clip(rows + 3 * np.sin((columns + 9 * i) / 14), 0, 127).round().astype(int)
        shade = 1 - 0.2 * np.sin(columns / 30)[..., None]
        photo = np.asarray(scan, float)[bent, columns] * shade
        save(folder / f"images/doc{i}.jpg", Image.fromarray(photo.clip(0, 255).astype(np.uint8)))
        save(folder / f"target_image/doc{i}.jpg", scan)
        given = {"image_file": f"doc{i}.jpg", "prompt": "Flatten the page."}
        records.append(record(str(i), given, {"target": f"target_image/doc{i}.jpg"}))
    painted(folder, "annotation.json", "Document Image Unwarping", records)


def infection_map(folder: Path) -> None:
    """Masks of what is infected in a chest, as black-and-white pictures."""
    records = []
    for i in range(3):
        chest = np.random.default_rng(i).normal(90, 6, (48, 48))
        mask = Image.new("L", (48, 48))
        pen = ImageDraw.Draw(mask)
        pen.ellipse(corners((8 + 5 * i, 14, 12, 9 + 3 * i)), fill=255)
        chest += 25 * (np.asarray(mask) > 0)
        grey = Image.fromarray(chest.clip(0, 255).astype(np.uint8))
        save(folder / f"images/xray_{i}.png", grey)
        save(folder / f"masks/xray_{i}.png", mask)
        given = {"image_file": f"images/xray_{i}.png", "prompt": "Where is the lung infected?"}
        records.append(record(f"x{i}", given, {"mask": f"masks/xray_{i}.png"}))
    painted(folder, "json/annotation.json", "Infection-map Generation", records)


def edge_to_image(folder: Path) -> None:
    """Maps of edges with a caption."""
    records = []
    for i, caption in enumerate(("a red car on a road", "a blue bird on a meadow")):
        save(folder / f"images/edge_{i}.png", edges(scene(i)))
        save(folder / f"target_images/photo_{i}.png", scene(i))
        given = {"image_file": f"edge_{i}.png", "prompt": caption}
        records.append(record(str(i), given, {"image_file": f"target_images/photo_{i}.png"}))
    painted(folder, "annotation.json", "Edge-to-Image Generation", records)


def eeg_based(folder: Path) -> None:
    """Recordings of a brain as arrays (channels, samples), and what was seen."""
    records = []
    for i, label in enumerate(("sports car", "jay")):
        waves = np.random.default_rng(20 + i).normal(0, 10, (8, 64)).cumsum(axis=1)
        save_array(folder / f"eeg/{i}.npy", waves.astype(np.float16))
        save(folder / f"images/{i}.jpg", scene(i))
        given = {"eeg_file": f"eeg/{i}.npy", "prompt": "What did the person see?"}
        records.append(record(str(i), given, {"image": f"images/{i}.jpg", "label": label}))
    painted(folder, "annotation.json", "EEG-based Image Generation", records)


def face_inpainting(folder: Path) -> None:
    """A picture with a hole, and the hole as a mask in which white is to be filled."""
    records = []
    for i in range(2):
        whole = face(i)
        mask = Image.new("L", whole.size)
        ImageDraw.Draw(mask).rectangle(corners((14 + 4 * i, 18, 16, 12)), fill=255)
        holed = Image.composite(Image.new("RGB", whole.size, WHITE), whole, mask)
        for name, image in (("images", holed), ("masks", mask), ("gt", whole)):
            save(folder / name / f"face{i}.png", image)
        given = {"image_file": f"images/face{i}.png", "mask_file": f"masks/face{i}.png"}
        given["prompt"] = "Fill the hole in the face."
        records.append(record(str(i), given, {"image_file": f"gt/face{i}.png"}))
    painted(folder, "json/annotation.json", "Face Image Inpainting", records)


def text_based_style(folder: Path) -> None:
    """A style that is named in words."""
    records = []
    styles = {"in shades of grey": lambda im: im.convert("L").convert("RGB"), "as a mosaic": mosaic}
    for i, (words, change) in enumerate(styles.items()):
        save(folder / f"source_images/{i}.png", scene(i))
        save(folder / f"target_images/{i}.png", change(scene(i)))
        given = {"image_file": f"source_images/{i}.png", "prompt": f"Show this {words}."}
        records.append(record(str(i), given, {"image_file": f"target_images/{i}.png"}))
    painted(folder, "annotation.json", "Text-based Style Transfer", records)


def face_sketch(folder: Path) -> None:
    """Photographs to be drawn; the same names in both folders."""
    records = []
    for i in range(2):
        save(folder / f"images/{i}.png", face(i))
        save(folder / f"sketch/{i}.png", sketch(face(i)))
        given = {"image_file": f"images/{i}.png", "prompt": "Draw this face as a sketch."}
        records.append(record(str(i), given, {"image_file": f"sketch/{i}.png"}))
    painted(folder, "annotation.json", "Face Sketch Synthesis", records)


def edit_with_image_prompt(folder: Path) -> None:
    """A picture to change, another that shows how, and the wished result in words alone."""
    records = []
    for i, (thing, caption) in enumerate(
        (("the bird", "a bird on a road"), ("the person", "a person on a meadow"))
    ):
        save(folder / f"images/source{i}.png", scene(i))
        save(folder / f"images/shown{i}.png", scene(2 * i + 1))
        files = [f"images/source{i}.png", f"images/shown{i}.png"]
        given = {"image_list": files, "prompt": f"Put {thing} of image 2 into image 1."}
        records.append(record(str(i), given, {"caption": caption}))
    painted(folder, "annotation.json", "Image Editing with Text and Image Prompt", records)


def edit_with_images(folder: Path) -> None:
    """Several pictures and the edited one."""
    records = []
    for i in range(2):
        save(folder / f"images/a{i}.png", face(i))
        save(folder / f"images/b{i}.png", face(i, YELLOW))
        save(folder / f"images/c{i}.png", face(i + 1))
        save(folder / f"target_images/{i}.png", face(i + 1, YELLOW))
        files = [f"images/{x}{i}.png" for x in "abc"]
        given = {"image_list": files, "prompt": "Change image 3 as image 1 became image 2."}
        records.append(record(str(i), given, {"image_file": f"target_images/{i}.png"}))
    painted(folder, "annotation.json", "Image Editing with Multi-image Prompt", records)


def layout_to_face(folder: Path) -> None:
    """Layouts as pictures with a colour for each part."""
    records = []
    for i in range(2):
        layout, pen = picture((48, 48), BLACK)
        pen.rectangle((8, 3, 40, 40), fill=BROWN)
        pen.rectangle((12, 10, 36, 44), fill=SKIN)
        pen.rectangle((18, 26, 30, 36), fill=RED)
        save(folder / f"images/layout{i}.png", layout)
        save(folder / f"target_images/face{i}.png", face(i))
        given = {"image_file": f"layout{i}.png", "prompt": "A face with this layout."}
        records.append(record(str(i), given, {"image_file": f"target_images/face{i}.png"}))
    painted(folder, "annotation.json", "Layout-to-Face Image Generation", records)


def mask_to_face(folder: Path) -> None:
    """Masks of the parts of a face, in shades of grey."""
    records = []
    for i in range(2):
        mask = Image.new("L", (48, 48))
        pen = ImageDraw.Draw(mask)
        pen.ellipse((8, 3, 40, 38), fill=90)
        pen.ellipse((12, 10, 36, 44), fill=180)
        save(folder / f"masks/{i}.png", mask)
        save(folder / f"images/{i}.png", face(i))
        given = {"image_file": f"masks/{i}.png", "prompt": "A face with these parts."}
        records.append(record(str(i), given, {"image_file": f"images/{i}.png"}))
    painted(folder, "annotation.json", "Mask-to-Image Face Generation", records)


def sketch_to_hair(folder: Path) -> None:
    """Sketches of hair over a face."""
    records = []
    for i, hair in enumerate((BROWN, YELLOW)):
        save(folder / f"sketch/{i}.png", sketch(face(i, hair)))
        save(folder / f"target_images/{i}.png", face(i, hair))
        given = {"image_file": f"sketch/{i}.png", "prompt": "The face with hair like this."}
        records.append(record(str(i), given, {"image_file": f"target_images/{i}.png"}))
    painted(folder, "annotation.json", "Sketch-to-Image Hair Generation", records)


def sound_to_image(folder: Path) -> None:
    """Sounds in a folder of their own; what they show is kept in words."""
    records = []
    for i, (samples, caption) in enumerate(
        ((chirps(), "a bird that sings"), (sweep(400, 900), "a car with a siren"))
    ):
        save_sound(folder / f"sounds/{i}.flac", samples * 0.9 + noise(i) * 0.01)
        given = {"audio_file": f"{i}.flac", "prompt": "Show what makes this sound."}
        records.append(record(str(i), given, {"caption": caption}))
    painted(folder, "annotation.json", "Sound-to-Image Generation", records)


def text_based_editing(folder: Path) -> None:
    """The edited picture stands among the inputs."""
    records = []
    for i, (order, colour) in enumerate((("Make the car blue.", BLUE), ("Dye it green.", GREEN))):
        save(folder / f"images/{i}.png", scene(0))
        edited = scene(0)
        car(ImageDraw.Draw(edited), (12, 18, 36, 20), colour)
        save(folder / f"target_images/{i}.png", edited)
        given = {"image_file": f"images/{i}.png", "prompt": order}
        given["target_image"] = f"target_images/{i}.png"
        records.append(record(str(i), given, {}))
    painted(folder, "annotation.json", "Text-based Image Editing", records)


def text_to_animal(folder: Path) -> None:
    """Captions alone, and pictures."""
    records = []
    for i, colour in enumerate((BLUE, ORANGE, BLACK)):
        animal, pen = picture((48, 48), GRASS)
        bird(pen, (8, 10, 32, 26), colour)
        save(folder / f"images/animal_{i}.jpg", animal)
        given = {"prompt": f"A {('blue', 'orange', 'black')[i]} bird on a meadow."}
        records.append(record(str(i), given, {"image_file": f"animal_{i}.jpg"}))
    title = "Text-based Terrestrial Animal Image Generation"
    painted(folder, "annotation.json", title, records)
