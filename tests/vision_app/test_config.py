from pathlib import Path

import pytest

from devices.sensor_settings import CsvSettings
from vision_app.config import complete, load, parse
from vision_app.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config" / "example.toml"


def faults_of(text: str, folder: Path) -> list[str]:
    file = folder / "site.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    return [str(fault) for fault in caught.value.faults]


def test_the_example_is_valid() -> None:
    assert load(EXAMPLE, {}).camera[0].name == "entrance"


def test_all_faults_are_told_at_once_each_with_its_path(tmp_path: Path) -> None:
    faults = faults_of(
        """
        devise = 1
        [device]
        site = "North Wing"
        [[camera]]
        name = "a"
        fps = "fast"
        [keep]
        below = 0.9
        above = 0.5
        """,
        tmp_path,
    )
    assert [fault.split(":")[0] for fault in faults] == [
        "device.site",
        "camera[0].fps",
        "keep",
        "devise",
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[devise]", "device"),
        ("[device]\nsight = 'x'", "site"),
        ("[[camera]]\nname='a'\nwdth=3", "width"),
        ("[publish.mqtt]\nhost='h'\nprot=1", "port"),
        ("[store]\nurl='s3://bucket'\nendpiont='http://h'", "endpoint"),
        ("[[camera]]\nname='a'\n[camera.keep]\nmax_per_minut=3", "max_per_minute"),
        ("[[camera]]\nname='a'\n[camera.keep.duplicates]\nbit=3", "bits"),
    ],
)
def test_an_unknown_key_says_which_one_was_meant(text: str, meant: str, tmp_path: Path) -> None:
    assert f"did you mean {meant!r}?" in faults_of(text, tmp_path)[0]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("kind='margin'\nthrehsold=0.1", "keep.policy[0].threshold: is missing; write it"),
        (
            "kind='margin'\nthreshold=0.1\nepsilon=0.1\nnmae='x'",
            "keep.policy[0].nmae: unknown key; did you mean 'name'?",
        ),
        ("kind='margin'\nthreshold=2", "keep.policy[0].threshold: should be less than or equal to"),
        ("kind='classes'\nclasses=[3]", "keep.policy[0].classes[0]: should be a valid string"),
        ("threshold=0.1", "keep.policy[0].kind: is missing; write it"),
        ("kind='margn'", "keep.policy[0].kind: there is no 'margn'; did you mean 'margin'?"),
        ("kind='x'", "keep.policy[0].kind: there is no 'x'; there is least_confidence, margin, "),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_as_it_was_written(
    words: str, fault: str, tmp_path: Path
) -> None:
    assert any(one.startswith(fault) for one in faults_of(f"[[keep.policy]]\n{words}", tmp_path))


def test_what_is_wrong_with_a_policy_of_a_camera_is_told_where_it_stands(tmp_path: Path) -> None:
    camera = "[[camera]]\nname='a'\n[[camera.keep.policy]]\nkind='margin'\ntreshold=0.1"
    told = faults_of(camera, tmp_path)
    assert "camera[0].keep.policy[0].treshold: unknown key; did you mean 'threshold'?" in told


def test_rules_of_a_camera_must_fit_those_for_all(tmp_path: Path) -> None:
    text = "[keep]\nabove=0.6\nbelow=0.5\n[[camera]]\nname='door'\n[camera.keep]\nbelow=0.8"
    assert "[camera.keep] of door with [keep]: below (0.8) must" in faults_of(text, tmp_path)[0]


def test_a_file_that_is_not_there_or_not_toml_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "missing.toml", {})
    assert "not valid TOML" in faults_of("camera = [", tmp_path)[0]
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "binary.toml", {})


def test_two_cameras_of_one_name_are_refused(tmp_path: Path) -> None:
    block = "[[camera]]\nname='a'\n"
    assert "two [[camera]] blocks are named 'a'" in faults_of(block + block, tmp_path)[0]


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        "[device]\ndata='d'\n[[camera]]\nname='a'\nkind='file'\nsource='clips'\n"
        "[model]\nbundle='models/mine'\n[[sensor]]\nname='s'\nsource='s.csv'\nmodel='./m'\n"
    )
    settings = load(file, {})
    assert settings.camera[0].source == str(tmp_path / "clips")
    assert settings.model.bundle == str(tmp_path / "models/mine")
    (sensor,) = settings.sensor
    assert isinstance(sensor, CsvSettings)
    assert sensor.source == tmp_path / "s.csv"
    assert sensor.model == str(tmp_path / "m")
    assert settings.device.data == tmp_path / "d"
    assert settings.spool.folder == tmp_path / "d" / "spool"


def test_a_device_node_and_a_bundle_name_are_no_paths() -> None:
    settings = complete(
        parse({"camera": [{"name": "a", "source": "/dev/video3"}]}, "x"), Path("/c")
    )
    assert settings.camera[0].source == "/dev/video3"
    assert settings.model.bundle == "greenhouse-tomatoes"


def test_the_mirror_of_the_environment_wins(tmp_path: Path) -> None:
    settings = parse({"catalogue": {"mirror": "/usb"}}, "x")
    assert complete(settings, tmp_path, {}).catalogue.mirror == "/usb"
    environ = {"VISION_APP_MODEL_MIRROR": "http://mirror.local"}
    assert complete(settings, tmp_path, environ).catalogue.mirror == "http://mirror.local"


def test_data_lies_where_xdg_says(tmp_path: Path) -> None:
    settings = complete(parse({}, "x"), tmp_path, {"XDG_DATA_HOME": str(tmp_path)})
    assert settings.device.data == tmp_path / "vision-app"
    assert settings.catalogue.cache == tmp_path / "vision-app" / "models"


@pytest.mark.parametrize(
    "words",
    [
        "enabled = false", "exempt = 'nobody is ever there'", "detector = 'none'", "detector = ''",
        "threshold = 0.51", "threshold = 0", "threshold = nan", "max_side = 64",
        "grow = 0.99", "grow = nan", "grow = -1.6", "fill = 'none'", "fill = ''",
        "detect_every = 0", "detect_every = 4", "look_ahead = 0\ndetect_every = 2",
        "look_ahead = -1", "look_ahead = 11", "hold = -1", "timeout_s = 0", "timeout_s = nan",
        "second_look_side = 64", "second_detector = 'none'", "second_detector = false",
        "judge = 'none'", "judge = false",
    ],
)  # fmt: skip
def test_masking_is_not_switched_off_nor_made_to_overlook(words: str, tmp_path: Path) -> None:
    assert all(one.startswith("masking") for one in faults_of(f"[masking]\n{words}", tmp_path))


@pytest.mark.parametrize(
    "reason", ["''", "'seedlings'", "true", "'            '", '"\\t\\n        "']
)
def test_no_camera_is_exempt_without_a_reason_in_words(reason: str, tmp_path: Path) -> None:
    (fault,) = faults_of(f"[[camera]]\nname='a'\nexempt={reason}", tmp_path)
    assert fault.startswith("camera[0].exempt: ")
