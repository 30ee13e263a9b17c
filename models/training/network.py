"""The demo's network: a compact stack of separable convolutions, trained and made all-integer."""

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES
from models.training.pictures import Pictures

STAGES = ((24, 1), (32, 2), (48, 1), (64, 2), (96, 1), (128, 2), (128, 1))
"""(channels, stride) of each separable convolution."""
BATCH = 64
SMOOTHING = 0.03
"""Share of each label that is given to all classes: no picture is worth complete certainty."""


def network(height: int, width: int) -> Any:
    """An untrained network from RGB in 0-1 to probabilities."""
    layers = tf.keras.layers
    image = features = layers.Input((height, width, 3))
    features = _block(layers.Conv2D(16, 3, 2, "same", use_bias=False), features)
    for channels, stride in STAGES:
        features = _block(layers.DepthwiseConv2D(3, stride, "same", use_bias=False), features)
        features = _block(layers.Conv2D(channels, 1, use_bias=False), features)
    features = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(features))
    return tf.keras.Model(image, layers.Dense(len(CLASSES), "softmax")(features))


def train(data: Pictures, held_out: Pictures, epochs: int, seed: int, threads: int) -> Any:
    """Trains a network on the data; what is held out is only watched."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network(*data.images.shape[1:3])
    steps = epochs * -(-len(data.images) // BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(4e-3, steps)
    model.compile(
        optimizer=tf.keras.optimizers.AdamW(rate, weight_decay=1e-3),
        loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=SMOOTHING),
        metrics=["accuracy"],
    )
    watched = _batches(held_out, seed, augment=False)
    model.fit(_batches(data, seed, augment=True), validation_data=watched, epochs=epochs, verbose=2)
    return model


def all_integer(model: Any, examples: NDArray[np.uint8]) -> bytes:
    """The network as a .tflite file, uint8 in and out; examples (n, h, w, 3) set the scales."""

    def representative() -> Any:
        for image in (np.zeros_like(examples[0]), np.full_like(examples[0], 255), *examples):
            yield [image[np.newaxis].astype(np.float32) / 255]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return bytes(converter.convert())


def _block(layer: Any, features: Any) -> Any:
    layers = tf.keras.layers
    return layers.ReLU(6.0)(layers.BatchNormalization()(layer(features)))


def _batches(data: Pictures, seed: int, augment: bool) -> Any:
    labels = np.eye(len(CLASSES), dtype=np.float32)[data.classes]
    batches = tf.data.Dataset.from_tensor_slices((data.images, labels))
    if not augment:
        return batches.batch(BATCH).map(_real)
    return batches.shuffle(len(data.images), seed).batch(BATCH).map(_real).map(_varied)


def _real(images: Any, labels: Any) -> tuple[Any, Any]:
    return tf.cast(images, tf.float32) / 255, labels


def _varied(images: Any, labels: Any) -> tuple[Any, Any]:
    """Some of the batch mirrored, all of it a little moved, brighter or darker."""
    images = tf.image.random_flip_left_right(images)
    images = tf.clip_by_value(tf.image.random_brightness(images, 0.08), 0, 1)
    size = tf.shape(images)
    padded = tf.image.resize_with_crop_or_pad(images, size[1] + 8, size[2] + 8)
    return tf.image.random_crop(padded, size), labels
