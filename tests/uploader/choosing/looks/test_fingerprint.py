"""What a frame is compared by: the model's own numbers, or else the hash."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.uploader.samples import masked, prediction, with_a_face
from uploader.choosing.looks.fingerprint import HASH, fingerprint, hash_of, of_hash
from uploader.choosing.looks.perceptual_hash import perceptual_hash


def embedding(*numbers: float) -> NDArray[np.float32]:
    made = np.array(numbers, np.float32)
    made.flags.writeable = False
    return made


def test_without_an_embedding_it_is_the_hash_of_the_pixels() -> None:
    look = fingerprint(masked(), prediction())
    assert look.space == HASH
    np.testing.assert_array_equal(look.vector, of_hash(hash_of(masked())).vector)


def test_an_embedding_is_brought_to_length_1_and_bears_the_hash_of_its_weights() -> None:
    said = replace(prediction(), embedding=embedding(3, 0, 4))
    look = fingerprint(masked(), said)
    assert look.space == said.model.sha256
    assert look.vector.tolist() == pytest.approx([0.6, 0, 0.8], abs=1e-6)
    assert look.vector.dtype == np.float32


def test_two_embeddings_of_zeros_are_the_same() -> None:
    look = fingerprint(masked(), replace(prediction(), embedding=embedding(*[0] * 1024)))
    assert look.vector @ look.vector == pytest.approx(1)


@pytest.mark.parametrize("bits", [0, 1, 6, 32, 64])
def test_hashes_that_differ_in_d_bits_have_a_cosine_of_1_less_d_32ths(bits: int) -> None:
    one, other = of_hash(0x0123_4567_89AB_CDEF), of_hash(0x0123_4567_89AB_CDEF ^ (1 << bits) - 1)
    assert float(one.vector @ other.vector) == pytest.approx(1 - bits / 32, abs=1e-6)


def test_the_covers_of_a_masked_frame_do_not_count() -> None:
    frame = with_a_face()
    rect = frame.receipt.faces[0].grown(frame.receipt.grow).pixels(frame.width, frame.height)
    assert hash_of(frame) == perceptual_hash(frame.pixels, [rect])
    assert hash_of(frame) != perceptual_hash(frame.pixels)
