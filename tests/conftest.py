"""After the whole suite: no file that a test wrote and no line of the log holds a key that a test used.

No property has to be shown within a time, which a busy machine would miss. Workers side by side take a file of tests
each; the browser tests go to two of them by halves, each with one server and one browser.
"""

import atexit
import copyreg
import gc
import hashlib
import importlib
import logging
import os
import pickle
import re
import resource
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

gc.disable()  # until all tests are collected: what is imported stays
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if IS_WORKER:
    atexit.register(os._exit, 0)  # after all others: to take apart what a worker has loaded takes seconds
settings.register_profile("at_any_speed", deadline=None)
settings.load_profile("at_any_speed")

TESTS = Path(__file__).parent
BROWSER_TESTS = "tests/e2e/"
WITHOUT_BROWSER = f"{BROWSER_TESTS}test_host_check.py"
# The same diagnoses, each made once where they run.
OF_THE_SAME_FILES = ("tests/test_one_truth.py", "tests/drift_core/report/test_pdf.py")
# What makes, trains or scores by a student, for which torch is loaded: half a dozen seconds a worker.
OF_STUDENTS = (
    "tests/drift_core/retraining/",
    "tests/test_closed_loop.py",
    "tests/test_readme.py",
    "tests/fuzz/test_broken_artefacts.py",
    "tests/drift_core/retrain_list/test_exports.py",
    *(f"tests/drift_core/regions/test_{name}.py" for name in ("model_folder", "onnx_encoder")),
    *(
        f"tests/drift_core/commands/test_{name}.py"
        for name in ("export_options", "guarded_output", "places", "retrain", "score")
    ),
)
SECOND_HALF = f"{BROWSER_TESTS}test_q"  # by name; about as long as the first
KEY = re.compile(rb"sk-(Zy7/secret\+|Zy7%2Fsecret%2B|page-secret-)4711")
WEIGHTS = (".safetensors", ".bin", ".pt", ".npy")


@pytest.fixture(autouse=True)
def the_main_module_stays():
    """A page that the harness runs takes its place, and a process that is spawned then would run that page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


class Watch(logging.Handler):
    """Counts the log lines with a key."""

    n_found = 0

    def emit(self, record):
        self.n_found += bool(KEY.search(record.getMessage().encode("utf-8", "replace")))


class FewServers(LoadFileScheduling):
    """A file is the unit of work; those of the same diagnoses or of students are one, those of one server two."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        if file in OF_THE_SAME_FILES:
            return OF_THE_SAME_FILES[0]
        if file.startswith(OF_STUDENTS):
            return OF_STUDENTS[0]
        if not file.startswith(BROWSER_TESTS) or file == WITHOUT_BROWSER:
            return file
        return f"{BROWSER_TESTS}{'second' if file > SECOND_HALF else 'first'}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return FewServers(config, log)


def pytest_collection_modifyitems(items):
    """What takes long comes first, so that no worker is alone with it at the end: browser tests, whole processes."""
    items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER_TESTS), item.path.parent != TESTS))


def pytest_collection_finish():
    """What is loaded by now stays; the training loop alone collects garbage dozens of times a run."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish():
    if not IS_WORKER:
        gc.unfreeze()  # else some libraries report at exit what was never let go


def pytest_terminal_summary(terminalreporter):
    """Say in a line for each reason what was left out; the reason says how to get what lacked."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, n_tests in reasons.items():
        terminalreporter.write_line(f"{n_tests} tests were left out: {reason}")


@pytest.fixture(scope="session", autouse=True)
def no_key_is_left(tmp_path_factory):
    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    left = [path for path in tmp_path_factory.getbasetemp().rglob("*") if path.is_file() and holds_key(path)]
    assert not left
    assert not watch.n_found


@pytest.fixture(scope="session")
def of_all_workers(tmp_path_factory):
    """A folder for what one of the workers has made, so that no other makes it again."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if IS_WORKER else own


@pytest.fixture(scope="session")
def kept_embeddings(of_all_workers):
    """A cache folder for commands and servers."""
    return of_all_workers / "kept-embeddings"


def read_only(entries):
    return MappingProxyType(entries)


copyreg.pickle(MappingProxyType, lambda mapping: (read_only, (dict(mapping),)))


@pytest.fixture(scope="session")
def diagnosed_once(of_all_workers):
    """Give the diagnosis of what it is made from, or make it; what the tests of all workers get is frozen."""
    folder, read = of_all_workers / "diagnoses", {}
    folder.mkdir(exist_ok=True)

    def given(made_from, make):
        key = hashlib.sha256(pickle.dumps(made_from)).hexdigest()
        if key not in read:
            file = folder / key
            with FileLock(f"{file}.lock"):
                if not file.exists():
                    file.write_bytes(pickle.dumps(make(), protocol=5))  # which keeps arrays that nobody may write
            read[key] = pickle.loads(file.read_bytes())
        return read[key]

    return given


@pytest.fixture(autouse=True, scope="session")
def diagnose_once(diagnosed_once):
    """Diagnose, or give what was made of the same; many commands and pages are tried on the same files.

    How far a diagnosis has come is told each time.
    """
    module = importlib.import_module("drift_core.diagnosis.diagnose")
    diagnose = module.diagnose

    def kept(*samples, progress=None, **chosen):
        def make():
            stages = []
            return diagnose(*samples, progress=lambda *stage: stages.append(stage), **chosen), stages

        made, stages = diagnosed_once((samples, sorted(chosen.items())), make)
        for stage in stages if progress else ():
            progress(*stage)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "diagnose", kept)  # of those who diagnose files by it
        yield kept


@pytest.fixture(scope="session")
def diagnosis_of(diagnosed_once):
    """Diagnose two files with the quick encoder."""
    from drift_core import diagnose, read_pairs
    from drift_core.regions.embeddings import embed_queries
    from drift_core.regions.encoding import load_encoder

    @cache
    def given(*files):
        samples = tuple(map(read_pairs, files))

        def make():
            return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder("hashing")))

        return diagnosed_once(files, make)

    return given


@pytest.fixture(scope="session", autouse=True)
def no_certificates(tmp_path_factory):
    """No test's server has any; every client of a teacher would read those of the machine anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield


def holds_key(path):
    if path.suffix in WEIGHTS:
        return False
    content = path.read_bytes()
    if path.name == "rescored.parquet":  # compressed; some tests damage it
        with suppress(pa.ArrowException):
            content += pq.read_table(path).to_pandas().to_csv().encode()
    return bool(KEY.search(content))


@pytest.fixture
def full_disk():
    """While it is entered no file can grow past a few bytes, as on a disk that is full."""

    @contextmanager
    def filled(n_bytes=10):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return filled
