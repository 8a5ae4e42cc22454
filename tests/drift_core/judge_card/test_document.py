import pytest

from drift_core.errors import InputError
from drift_core.judge_card.document import MAX_BYTES, MAX_DEPTH, parse_card


def refused(content):
    with pytest.raises(InputError) as caught:
        parse_card(content, name="judges.yaml")
    return str(caught.value)


def test_values_are_plain_and_know_their_lines():
    document = parse_card(b'teacher:\n  revision: "r1"  # the pin\nslices:\n  - floor: 0.8\n', name="judges.yaml")

    assert document.values == {"teacher": {"revision": "r1"}, "slices": ({"floor": 0.8},)}
    assert type(document.values["teacher"]["revision"]) is str
    assert type(document.values["slices"][0]["floor"]) is float
    assert document.lines == {
        ("teacher",): 1,
        ("teacher", "revision"): 2,
        ("slices",): 3,
        ("slices", 0): 4,
        ("slices", 0, "floor"): 4,
    }


def test_empty_values_and_empty_texts_are_left_out():
    document = parse_card(b'a:\nb: ""\nc: "  "\nd: {e: }\nf: 0\n', name="judges.yaml")

    assert document.values == {"f": 0}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must hold names with values, as `card init` writes them; found nothing"),
        (b"# nothing\n", "found nothing"),
        (b"- a\n", "found a list"),
        (b"text\n", "found a single value"),
        (b"a: [1, 2\nb: 3\n", "line 2: this is not valid YAML"),
        (b"a:\n\t- b\n", "line 2: this is not valid YAML"),
        (b"a: 1\nb: 2\na: 3\n", "line 3: a stands there twice. Keep one."),
        (b"a: {b: 1, b: 2}\n", "line 1: b stands there twice. Keep one."),
        (b"a: 1\nb: !!python/object/apply:os.system ['true']\n", "line 2: a judge card has no tags"),
        (b"a: !thing x\n", "line 1: a judge card has no tags; found '!thing'"),
        (b"a: &x [1]\nb: *x\n", "line 1: a judge card has no references"),
        (b"a:\n  <<: {b: 1}\n", "line 2: a judge card has no merged sections"),
        (b"%YAML 1.1\n---\na: 1\n", "a judge card has no directives"),
        (b"a: 1\n---\nb: 2\n", "line 2: a second document begins"),
        (b"a: \x00\n", "is no text that YAML allows"),
        (b"a: \xff\n", "is not UTF-8 text: byte 4"),
        (b"a: 2026-13-45\n", "Put dates and revisions in quotes"),
        (b"a: " + b"9" * 5000 + b"\n", "holds a value that cannot be read"),
        (b"[" * 100_000, f"nested more than {MAX_DEPTH} levels deep"),
        (b"a" * (MAX_BYTES + 1), "a judge card has at most 1,000,000"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(content, message):
    assert message in refused(content)
    assert refused(content).startswith("judges.yaml")


def test_references_that_would_grow_without_end_are_refused_before_they_are_built():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))

    assert "no references" in refused(bomb.encode())


@pytest.mark.parametrize(
    "written",
    [
        "# mine\nteacher:\n    # the pin\n    model: 'm'   # single\n    revision: \"r\"   # pin\n# end\n",
        'slices:\n- partition: "a"   # first\n  floor: 0.850\n# between\n- {partition: c, floor: .7}\nteacher: {}\n',
        'slices:\n    -   partition: "a"\n        floor: 0.8\n\n\nteacher:\n    model: m  # x\n',
        'slices:\n  - partition: "a"\n    floor: 0.8\nlong: "' + "word " * 100 + '"\n',
        "a: 1\r\nb: 2  # c\r\n",
    ],
)
def test_what_is_not_changed_is_written_as_it_was(written):
    assert parse_card(written.encode(), name="judges.yaml").to_bytes().decode() == written


def test_a_value_is_set_in_quotes_and_missing_sections_are_made():
    document = parse_card(b"# mine\nteacher:\n  revision: r1  # the pin\n", name="judges.yaml")

    document.set_value(("teacher", "revision"), "2026-05-01")
    document.set_value(("canary", "last", "agreement"), 0.9)

    assert document.to_bytes().decode() == (
        '# mine\nteacher:\n  revision: "2026-05-01" # the pin\ncanary:\n  last:\n    agreement: 0.9\n'
    )
