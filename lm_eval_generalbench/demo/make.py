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
from lm_eval_generalbench.demo import (
    images,
    language,
    made_images,
    made_shapes,
    made_sounds,
    made_videos,
    sounds,
    space,
    videos,
)
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
    "image/generation": {
        "EdgetoImageGeneration": made_images.edge_to_image,
        "eeg_based_image_generation": made_images.eeg_based,
        "ImageDeraining": made_images.image_deraining,
        "image_shadow_removal": made_images.image_shadow_removal,
        "DocumentImageUnwarping": made_images.document_unwarping,
        "face-image-inpainting": made_images.face_inpainting,
        "TextbasedStyleTransfer": made_images.text_based_style,
        "Infection-map-Generation": made_images.infection_map,
        "face_sketch_synthesis": made_images.face_sketch,
        "ImageEditingwithTextandImagePrompt": made_images.edit_with_image_prompt,
        "image-editing-with-multi-image-prompt": made_images.edit_with_images,
        "LayouttoFaceImageGeneration": made_images.layout_to_face,
        "mask_to_image_face_generation": made_images.mask_to_face,
        "SketchtoImageHairGeneration": made_images.sketch_to_hair,
        "Sound-to-Image-Generation": made_images.sound_to_image,
        "TextbasedImageEditing": made_images.text_based_editing,
        "text_based_terrestrial_animal_image_generation": made_images.text_to_animal,
    },
    "video/generation": {
        "SubjectConsistencyT2V": made_videos.subject_consistency,
        "StaticT2V": made_videos.static_scenes,
        "Stylized-Video-Generation-Single-Reference": made_videos.stylized,
        "TerrestrialAnimalT2V": made_videos.terrestrial_animals,
        "ColorT2V": made_videos.coloured_things,
        "ActionT2V": made_videos.actions,
        "PlantI2V": made_videos.plants,
        "VideoDenoising": made_videos.video_denoising,
        "RoadSceneVideoSuperresolution": made_videos.superresolution,
        "VideoAnimalInpainting": made_videos.animal_inpainting,
        "VideoTranslation": made_videos.translation,
        "PortraitVideoStyleTransfer": made_videos.portraits,
    },
    "audio/generation": {
        "AudioEdit": made_sounds.audio_edit,
        "DailyTalkGeneration": made_sounds.daily_talk,
        "EmotionalSpeechSynthesis": made_sounds.emotional_speech,
        "TextToSpeech": made_sounds.text_to_speech,
        "SingleCaptionToAudio": made_sounds.caption_to_audio,
        "ImageToSpeech": made_sounds.image_to_speech,
        "VideoToAudio": made_sounds.video_to_audio,
        "VoiceConversion": made_sounds.voice_conversion,
        "EnglishtoChineseSpeechTranslation": made_sounds.speech_translation,
        "PianoToOrchestrationGeneration": made_sounds.orchestration,
        "PopMusicGeneration": made_sounds.pop_music,
        "MusicStyleTransfer": made_sounds.music_style,
    },
    "3D/generation": {
        "3D-Point-Cloud-Completion": made_shapes.completion,
        "PointCloudtoMeshObjectReconstruction": made_shapes.object_reconstruction,
        "Text-to-3D-Living-and-Arts-Point-Cloud-Generation": made_shapes.points_from_text,
        "Text-to-3D-Living-and-Arts-Mesh-Generation": made_shapes.mesh_from_text,
        "Living-and-Arts-Image-to-3D-Point-Cloud-Generation": made_shapes.points_from_image,
        "Living-and-Arts-Image-to-3D-Mesh-Generation": made_shapes.mesh_from_image,
        "RGB-D-to-Point-Cloud-Reconstruction": made_shapes.points_of_views,
        "RGB-D-to-Mesh-Reconstruction": made_shapes.surface_of_views,
        "Text-to-3D-Motion-Generation": made_shapes.motions,
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
