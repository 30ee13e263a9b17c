import subprocess
import sys

import click
from click.testing import CliRunner

from vision_app.cli import COMMANDS, cli

COUNT = """
import sys
from vision_app.cli import cli
cli(["spool", "--help"], standalone_mode=False)
places = [place.partition(":")[0] for place in cli._places.values()]
print(*[place for place in places if place in sys.modules])
"""


def test_only_the_command_that_is_called_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "vision_app.cli.spool"


def test_every_command_is_at_its_place_and_goes_by_its_name() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    done = CliRunner().invoke(cli, ["rum"])
    assert done.exit_code == 2
    assert "No such command 'rum'" in done.output
