"""How the set-up chooses torch, no gigabytes that nobody asked for; and what the container image is built from."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = """#!/bin/sh
echo "$@" >> {asked}
exit {code}
"""


def install(tmp_path, *, build, code):
    """Run the script with a pip that succeeds or fails; give its exit code, its words and what pip was asked."""
    asked, pip = tmp_path / "asked.txt", tmp_path / "pip"
    pip.write_text(PIP.format(asked=asked, code=code))
    pip.chmod(0o755)
    settings = {"BUILD": build, "VERSION": "2.13.0", "INDEX": "https://cpu.example", "PIP": str(pip)}
    done = subprocess.run(
        ["sh", "scripts/install_torch.sh"], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True
    )
    return done.returncode, done.stderr, asked.read_text().splitlines()


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="elsewhere the plain wheel is the CPU build")
def test_without_a_cpu_build_nothing_larger_is_fetched(tmp_path):
    code, said, asked = install(tmp_path, build="cpu", code=1)

    assert code == 1
    assert "Nothing larger was installed" in said
    assert len(asked) == 2
    assert all(line.endswith("torch==2.13.0+cpu") and "--no-deps" in line for line in asked)


def test_the_larger_build_comes_when_it_is_asked_for(tmp_path):
    code, _, asked = install(tmp_path, build="gpu", code=0)

    assert code == 0
    assert [line.split()[-1] for line in asked] == ["torch==2.13.0"]


def test_the_image_is_built_from_all_that_the_wheel_holds_with_the_same_torch():
    image, makefile = (ROOT / "Dockerfile").read_text(), (ROOT / "Makefile").read_text()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {word for line in re.findall(r"^COPY (?!--)(.+) \S+$", image, re.MULTILINE) for word in line.split()}
    let_in = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}

    assert {*build["packages"], *build["force-include"]} <= copied
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    assert re.findall(r"TORCH_VERSION=(.+)", image) == re.findall(r"TORCH_VERSION := (.+)", makefile)
    assert re.findall(r"TORCH_INDEX=(.+)", image) == re.findall(r"TORCH_INDEX \?= (.+)", makefile)
    assert re.findall(r"^USER (.+)$", image, re.MULTILINE) == ["drift"]
