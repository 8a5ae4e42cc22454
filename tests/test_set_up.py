"""How the set-up chooses torch and a browser, no gigabytes that nobody asked for; what the image is built from."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts.running_app import BROWSERS

ROOT = Path(__file__).parents[1]
PIP = """#!/bin/sh
echo "$@" >> {asked}
exit {code}
"""
NAMED = """#!/bin/sh
echo {name} "$@" >> {asked}
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


def get_browser(tmp_path, **codes):
    """Run the script where the path holds these programs alone, which end with these codes; give what was run."""
    asked, path = tmp_path / "asked.txt", tmp_path / "bin"
    path.mkdir()
    asked.touch()
    (path / "id").write_text("#!/bin/sh\necho 0\n")
    for name, code in codes.items():
        (path / name.replace("_", "-")).write_text(NAMED.format(name=name, asked=asked, code=code))
    for each in path.iterdir():
        each.chmod(0o755)
    settings = {"PATH": str(path), "PLAYWRIGHT": str(path / "playwright")}
    subprocess.run([shutil.which("sh"), "scripts/get_browser.sh"], cwd=ROOT, env=settings, check=True)
    return asked.read_text().splitlines()


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_that_is_there_is_taken(tmp_path, name):
    assert get_browser(tmp_path, **{name: 0}, playwright=0, apt_get=0) == ["playwright --version"]


def test_without_a_browser_playwrights_own_is_fetched(tmp_path):
    assert get_browser(tmp_path, playwright=0) == ["playwright --version", "playwright install --only-shell chromium"]


def test_what_playwright_itself_lacks_is_installed_where_there_is_a_browser_too(tmp_path):
    asked = get_browser(tmp_path, chromium=0, playwright=1, apt_get=0)

    assert asked == ["playwright --version", "apt_get update -qq", "apt_get install -y -qq libatomic1"]


def test_where_playwrights_own_cannot_be_fetched_root_installs_the_systems(tmp_path):
    asked = get_browser(tmp_path, playwright=1, apt_get=0)

    assert [line for line in asked if "install -y" in line] == [
        f"apt_get install -y -qq {name}" for name in ("libatomic1", "chromium-headless-shell", "chromium")
    ]


def test_a_browser_that_cannot_be_had_does_not_stop_the_tests(tmp_path):
    assert get_browser(tmp_path, playwright=1, apt_get=1)[-1].startswith("apt_get")


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


@pytest.mark.parametrize(("bundle", "expected"), [("pyproject.toml", "true"), ("no-such-file", "false")])
def test_packages_come_through_a_proxy_whose_certificate_the_system_knows(bundle, expected):
    asked = {name: text for name, text in os.environ.items() if name != "UV_SYSTEM_CERTS"}
    show = ["make", "--no-print-directory", "--eval", "shown: ; @echo $$UV_SYSTEM_CERTS", "shown", f"BUNDLES={bundle}"]

    shown = subprocess.run(show, cwd=ROOT, env=asked, capture_output=True, text=True, check=True)

    assert shown.stdout.split()[-1] == expected
