"""Make the data set inside the package: `python -m lm_eval_generalbench.demo.make [FOLDER]`.

A few records for every kind of answer, laid out and written as the published
data set is, its inconsistencies included: each task notes which of them it
shows. All of it is made here: texts, drawn scenes, synthesised sounds, generated
videos and point clouds. Running it again gives the same bytes as long as the
encoders (zlib, libjpeg, libFLAC, FFmpeg) are the same versions.
"""

import shutil
import sys
from pathlib import Path

from lm_eval_generalbench import paths
from lm_eval_generalbench.demo import images, language, sounds, space, videos
from lm_eval_generalbench.demo.draw import put
from lm_eval_generalbench.errors import GeneralBenchError

FOLDERS = {
    "image/comprehension": {
        "BirdDetection": images.bird_detection,
        "fall-human-detection": images.fall_human_detection,
        "complex_expression_visual_grounding": images.complex_expression_visual_grounding,
        "car_brands_recognition": images.car_brands_recognition,
        "ArtImageVisualQuestionAnswering": images.art_image_visual_question_answering,
        "chemistry_vqa": images.chemistry_vqa,
        "lung_nodule_diagnosis_vqa": images.lung_nodule_diagnosis_vqa,
        "car-model-matching": images.car_model_matching,
        "SeedCounting": images.seed_counting,
        "COCOImageCaptioning": images.coco_image_captioning,
        "chinese-image-captioning": images.chinese_image_captioning,
        "LicensePlateOCR": images.license_plate_ocr,
        "image_scene_graph_parsing": images.image_scene_graph_parsing,
        "AmericanSignLanguageRecognition": images.american_sign_language_recognition,
        "multimodal_named_entity_recognition": images.multimodal_named_entity_recognition,
        "IndoorSemanticSegmentation": images.indoor_semantic_segmentation,
        "BoneFractureDetection": images.bone_fracture_detection,
        "vehicle_instance_segmentation": images.vehicle_instance_segmentation,
        "road-scene-panoptic-segmentation": images.road_scene_panoptic_segmentation,
        "PersonKeypointDetection": images.person_keypoint_detection,
        "indoor_depth_estimation": images.indoor_depth_estimation,
        "AnimalImageMatting": images.animal_image_matting,
        "person-hair-matting": images.person_hair_matting,
        "Bottle-Anomaly-Detection": images.bottle_anomaly_detection,
    },
    "video/comprehension": {
        "SportsAndExcerciseVideoCaptioning": videos.sports_captioning,
        "ObjectColorVideoQuestionAnswering": videos.object_color,
        "VideoActionOrdering": videos.action_ordering,
        "ColorMatch": videos.color_match,
        "AnimalVOS": videos.animal_vos,
        "AnimalRVOS": videos.animal_rvos,
        "BallTrack": videos.ball_track,
        "StaticActionDet": videos.static_action_det,
        "AnimalVG": videos.animal_vg,
        "StaticVDE": videos.static_vde,
        "SyntheticSceneFlowEstimate": videos.synthetic_flow,
        "VideoSalientObjectDetection": videos.salient_objects,
        "Video-Semantic-Role-Labeling": videos.semantic_role_labeling,
        "Multimodal-Sarcasm-Detection": videos.sarcasm,
        "Video-Event-Relation-Prediction": videos.event_relations,
    },
    "audio/comprehension": {
        "EnvironmentSoundRecognition": sounds.environment_sounds,
        "BirdSoundDetection": sounds.bird_sounds,
        "IntentClassification": sounds.intents,
        "NoteQualitiesAnalysis": sounds.note_qualities,
        "MusicPitchAnalysis": sounds.pitches,
        "SpeechEventExtraction": sounds.speech_events,
        "AudioCaptions": sounds.audio_captions,
        "OpenAQA": sounds.open_audio_questions,
    },
    "3D/comprehension": {
        "3D-Tableware-Classification": space.tableware,
        "3D-Indoor-Appliance-Semantic-Segmentation": space.appliances,
        "3D-Aircrafts-Part-Segmentation": space.aircraft_parts,
        "3D-Indoor-Instance-Segmentation": space.indoor_instances,
        "3D-Odometry": space.odometry,
        "3D-Tracking": space.tracking,
        "3D-Normal-Estimation": space.normals,
        "3D-Detection": space.detection_3d,
        "3D-Spatial-Scene-Question-Answering": space.spatial_questions,
        "3D-Situated-Question-Answering-on-What": space.situated_questions,
    },
}


def make(root: Path) -> None:
    """Write the whole data set below `root`, which must be empty, missing, or made by this before.

    Raises:
        GeneralBenchError: Something else is there.
    """
    marker = root / paths.MADE_UP
    if root.exists() and any(root.iterdir()) and not marker.exists():
        raise GeneralBenchError(f"{root} holds other files. Name an empty folder.")
    shutil.rmtree(root, ignore_errors=True)
    put(marker, (__doc__ or "").encode())
    language.language(root)
    for parent, tasks in FOLDERS.items():
        for name, task in tasks.items():
            task(root / parent / name)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else paths.demo_root())
