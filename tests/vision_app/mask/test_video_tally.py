"""What was done to each frame of a video, summed up."""

from fractions import Fraction

from masking.masked_frame import Look, Receipt
from models.box import Box
from tests.masking.stand_ins import ID
from tests.uploader.samples import with_a_face
from vision_app.mask.video_tally import VideoTally

FACES = ((Box(1.25, 2, 3, 4, 0.5),), (), (Box(5, 6, 7.5, 8, 0.25), Box(0.1, 0.2, 0.3, 0.4, 1.0)))


def test_every_frame_has_its_own_boxes_and_all_are_counted() -> None:
    tally = VideoTally()
    for carried, faces in enumerate(FACES):
        live = Look("live", ID, 0.4, 640, len(faces))
        tally.add(Receipt("masked", faces, (live,), "solid", 1.6, carried=carried))
    tally.add(Receipt("redacted", (), (), "solid", 1.6, reason="nobody looked"))

    report = tally.report("mp4", with_a_face(), Fraction(30000, 1001), "ab")
    assert [tuple(boxes) for boxes in report.frames] == [*FACES, ()]
    assert [tuple(boxes) for boxes in report.frames] == [*FACES, ()], "it may be walked twice"
    assert (report.faces, report.carried, report.redacted) == (3, 3, 1)
    assert [look.found for look in report.looks] == [3]
