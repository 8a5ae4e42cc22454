import pytest

from drift_core.errors import InputError
from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.document import MAX_BYTES, parse_card
from drift_core.judge_card.faults import validate_card


def refused(content):
    with pytest.raises(InputError) as caught:
        parse_card(content, name="judges.yaml")
    return str(caught.value)


def test_values_are_plain_and_know_their_lines():
    document = parse_card(b'teacher:\n  revision: "r1"  # the pin\nslices:\n  - floor: 0.8\n', name="judges.yaml")

    assert document.values == {"teacher": {"revision": "r1"}, "slices": [{"floor": 0.8}]}
    assert type(document.values["teacher"]["revision"]) is str
    assert type(document.values["slices"][0]["floor"]) is float
    assert document.line_of(("teacher", "revision")) == 2
    assert document.line_of(("slices", 0, "floor")) == 4


def test_what_is_not_there_has_the_line_of_what_it_would_stand_in():
    document = parse_card(b"a: 1\nslices:\n  - floor: 0.8\n", name="judges.yaml")

    assert [document.line_of(where) for where in [("slices", 0, "name"), ("slices", 7), ("a", "b"), ("none",)]] == [
        *(3, 2, 1, 1),
    ]


def test_empty_values_and_empty_texts_are_not_filled_in():
    card = JudgeCard.model_validate({"owner": "  ", "student": {"version": "", "parent": None}, "floors": None})

    assert card == JudgeCard()


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
        (b"a: 1\nb: !!python/object/apply:os.system ['true']\n", "line 2: this is not valid YAML"),
        (b"a: !thing x\n", "line 1: this is not valid YAML"),
        (b"a: 1\n---\nb: 2\n", "line 2: this is not valid YAML"),
        (b"a: \x00\n", "is no text that YAML allows"),
        (b"a: \xff\n", "is not UTF-8 text: byte 4"),
        (b"a: 2026-13-45\n", "Put dates and revisions in quotes"),
        (b"a: " + b"9" * 5000 + b"\n", "holds a value that cannot be read"),
        (b"[" * 10_000, "is nested too deep"),
        (b"a" * (MAX_BYTES + 1), "a judge card has at most 1,000,000"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(content, message):
    assert message in refused(content)
    assert refused(content).startswith("judges.yaml")


@pytest.mark.parametrize("where", ["a40", "critical_slices", "owner", "floors", "governance"])
def test_references_that_grow_without_end_are_never_written_out(where):
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))

    with pytest.raises(InputError, match=r"judges.yaml has 4\d faults"):
        validate_card(parse_card(f"{bomb}{where}: *a39\n".encode(), name="judges.yaml"), name="judges.yaml")


def test_a_reference_to_itself_is_refused():
    with pytest.raises(InputError, match="owner: expected"):
        validate_card(parse_card(b"owner: &o [*o]\n", name="judges.yaml"), name="judges.yaml")


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
