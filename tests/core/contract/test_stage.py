"""The base class of stages."""

import json
import subprocess
import sys

import pytest

from crucible_core import Context, Stage, StageOptions, Traits
from crucible_core.contract.persistent import FrozenMap
from crucible_core.contract.stage import class_description


class Compare(Stage):
    """Compare two groups of scores.

    At length.
    """

    name = "compare"
    version = "1.0.0"
    section = "reliability.stats"
    reads = ("{data}", "assigns.gold")
    writes = ("metrics.{id}",)
    may_write = ("artifacts.{id}", "assigns.{into}")
    traits = Traits(determinism="seeded")

    class Options(StageOptions):
        data: str = "outputs"
        into: str | None = None

    def run(self, context, options):
        return context


def test_the_class_says_it_all():
    about = Compare().describe()
    assert (about.name, about.description, about.version) == ("compare", "Compare two groups of scores.", "1.0.0")
    assert (about.section, about.traits.determinism) == ("reliability.stats", "seeded")
    assert about.reads == ("{data}", "assigns.gold")
    assert about.options.defaults == {"data": "outputs", "into": None}
    assert Compare().describe() is about


@pytest.mark.parametrize("options", [{}, Compare.Options(), FrozenMap()], ids=["mapping", "options", "frozen"])
def test_options_fill_the_paths_defaults_included(options):
    about = Compare().describe(options)
    assert about.reads == ("outputs", "assigns.gold")
    assert about.writes == ("metrics.{id}",)
    assert about.may_write == ("artifacts.{id}",)  # `into` is null, so there is no such path


def test_given_options_win_over_defaults():
    about = Compare().describe({"data": ["assigns.a", "assigns.b"], "into": "c"})
    assert about.reads == ("assigns.a", "assigns.b", "assigns.gold")
    assert about.may_write == ("artifacts.{id}", "assigns.c")


def test_a_subclass_has_its_own_description():
    class Sub(Compare):
        """Compare more."""

        name = "sub"

    assert class_description(Compare).name == "compare"
    assert (class_description(Sub).name, class_description(Sub).description) == ("sub", "Compare more.")


def test_without_name_and_docstring_the_class_is_the_name():
    class MeanRank2(Compare):
        name = ""

    MeanRank2.__doc__ = None
    assert (class_description(MeanRank2).name, class_description(MeanRank2).description) == ("mean_rank2", "mean rank2")


def test_a_description_of_its_own_wins_over_the_docstring():
    class Own(Compare):
        """Docstring."""

        description = "Attribute."

    assert class_description(Own).description == "Attribute."


@pytest.mark.parametrize("attribute", ["reads", "may_read", "writes", "may_write"])
def test_paths_written_as_one_string_are_refused_where_they_are_written(attribute):
    with pytest.raises(TypeError, match=rf"Wrong\.{attribute} is a string; write a tuple: \('outputs',\)"):
        type("Wrong", (Stage,), {attribute: "outputs"})


@pytest.mark.parametrize("options", [type("Options", (), {}), {"alpha": 1}, None, StageOptions()])
def test_options_that_are_no_options_class_are_refused_where_they_are_written(options):
    with pytest.raises(TypeError, match=r"Wrong\.Options is no options class; write class Options\(StageOptions\)"):
        type("Wrong", (Stage,), {"Options": options})


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"reads": ("metric.x",)}, "reads: 'metric.x' is not a context path"),
        ({"reads": (5,)}, "reads: 5 is no string"),
        ({"writes": ("metrics.{nothing}",)}, "writes: 'metrics.{nothing}': there is no option 'nothing'"),
        ({"section": 5}, "section must be the path"),
        ({"errors": {"code": ""}}, "errors: 'code' must be a code with its meaning in words"),
        ({"errors": {5: "x"}}, "the keys of a mapping are strings"),
        ({"version": 1}, "version must be a non-empty string"),
    ],
)
def test_what_a_class_says_wrongly_is_said_when_it_is_described(attributes, problem):
    wrong = type("Wrong", (Stage,), attributes)
    with pytest.raises(ValueError) as caught:
        wrong().describe()
    assert problem in str(caught.value)


def test_a_stage_without_run_says_so():
    with pytest.raises(NotImplementedError, match=r"Nothing does not define run\(context, options\)"):
        type("Nothing", (Stage,), {})().run(Context(), None)


def test_without_docstrings_it_describes_itself_all_the_same():
    code = (
        "import json\n"
        "from crucible_core import Stage, StageOptions\n"
        "class Paint(Stage):\n"
        "    '''Lost under -OO.'''\n"
        "    name = 'paint_all'\n"
        "    class Options(StageOptions):\n"
        "        coats: int = 2\n"
        "        '''How many.'''\n"
        "    def run(self, context, options): return context\n"
        "print(json.dumps(Paint().describe().to_dict()))"
    )
    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert (document["name"], document["description"]) == ("paint_all", "paint all")
    assert document["defaults"] == {"coats": 2}


def test_describing_is_pure_and_imports_nothing_heavy():
    code = (
        "import json, os, random, sys, warnings\n"
        "import crucible_core\n"
        "from crucible_core.stages.validate import Validate\n"
        "loaded = set(sys.modules); state = (os.getcwd(), dict(os.environ), random.getstate(), list(warnings.filters))\n"
        "text = json.dumps(Validate().describe().to_dict())\n"
        "assert text == json.dumps(Validate().describe().to_dict())\n"
        "assert state == (os.getcwd(), dict(os.environ), random.getstate(), list(warnings.filters))\n"
        "heavy = {'torch', 'numpy', 'scipy', 'pandas', 'sklearn', 'jinja2', 'rich', 'yaml', 'tomlkit'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print(text)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
