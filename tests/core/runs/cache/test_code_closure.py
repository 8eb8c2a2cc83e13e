"""Which code a stage consists of: what its sources name, and the whole package where they do not name everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

STAGE = "from crucible_core import Stage\n{imports}\nclass S(Stage):\n    def run(self, context, options):\n        {body}\n"
LOOK = """
import json, sys
from importlib import import_module
from crucible_core.runs.cache.code_closure import CodeClosures, code_closure
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.source_memo import SourceMemo
{before}
kind = getattr(import_module({module!r}), {name!r})
{after}
try:
    found = CodeClosures(SourceMemo(None), FileContents()).of_stage(kind)
    core = [name for name in found.modules if name.startswith("crucible_core")]
    modules = {{name: sha for name, sha in found.modules.items() if name not in core}}
    print(json.dumps({{"modules": modules, "core": len(core), "distributions": [*found.distributions]}}))
except UncacheableError as error:
    print(json.dumps({{"uncacheable": str(error)}}))
"""


def look(root: Path, stage: str = "pack.stages:S", before: str = "", after: str = "") -> dict:
    """Return the code of a stage, as a process of its own sees it."""
    module, _, name = stage.partition(":")
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(module=module, name=name, before=before, after=after)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stage(imports: str = "", body: str = "return context") -> str:
    return STAGE.format(imports=imports, body=body)


IMPORTS = {
    "import a.b": "import pack.used",
    "from a import b": "from pack import used",
    "from a.b import c": "from pack.used import name",
    "import a.b as c": "import pack.used as other",
    "relative": "from . import used",
    "relative module": "from .used import name",
    "star": "from .used import *",
    "in a condition": "if False:\n    import pack.used",
    "for type checkers": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pack.used",
    "in try": "try:\n    import pack.used\nexcept ImportError:\n    pass",
    "import_module": "import importlib\nimportlib.import_module('pack.used')",
    "import_module by its name": "from importlib import import_module\nimport_module('pack.used')",
    "__import__": "__import__('pack.used')",
    "as module:name in a text": "WHERE = 'pack.used:name'",
    "as a module in a text": "WHERE = 'pack.used'",
    "an attribute of the package": "import pack\ndef late():\n    return pack.used.name",
    "getattr of the package": "import pack\ndef late():\n    return getattr(pack, 'used')",
}


@pytest.mark.parametrize("imports", IMPORTS.values(), ids=IMPORTS)
def test_what_a_stage_imports_belongs_to_it_and_nothing_else(tmp_path, imports):
    write(tmp_path, {"pack/__init__.py": "", "pack/used.py": "name = 1", "pack/unused.py": "", "other.py": ""})
    write(tmp_path, {"pack/stages.py": stage(imports)})
    assert set(look(tmp_path)["modules"]) == {"pack", "pack.stages", "pack.used"}


WHOLE = {
    "a computed import": ("import importlib", "importlib.import_module(f'pack.{options}')"),
    "an import by a name in a variable": ("from importlib import import_module", "import_module(options)"),
    "an import function passed on": ("from importlib import import_module", "list(map(import_module, []))"),
    "an import function renamed": ("from importlib import import_module as load", "load('pack.hidden')"),
    "exec": ("", "exec('import pack.hidden')"),
    "package data by importlib.resources": ("from importlib import resources", "resources.files('pack')"),
    "files beside it": ("from pathlib import Path", "Path(__file__).parent"),
    "plugins by pkgutil": ("import pkgutil", "list(pkgutil.iter_modules())"),
}


@pytest.mark.parametrize("code", WHOLE.values(), ids=WHOLE)
def test_where_not_everything_is_named_the_whole_package_counts(tmp_path, code):
    write(tmp_path, {"pack/__init__.py": "", "pack/hidden.py": "import beside", "pack/data/words.txt": "words"})
    write(tmp_path, {"pack/stages.py": stage(*code), "beside.py": "", "unused.py": ""})
    found = set(look(tmp_path)["modules"])
    assert {"pack/hidden.py", "pack/data/words.txt", "pack/stages.py", "beside"} <= found
    assert "unused" not in found


def test_a_lazy_package_counts_as_a_whole(tmp_path):
    lazy = "def __getattr__(name):\n    from importlib import import_module\n    return import_module('pack.' + name)\n"
    write(tmp_path, {"pack/__init__.py": lazy, "pack/hidden.py": "", "pack/stages.py": stage()})
    assert "pack/hidden.py" in look(tmp_path)["modules"]


def test_methods_that_are_called_like_functions_that_import_are_not_those(tmp_path):
    body = "import re; re.compile('x'); self.eval(); self.exec(); return context"
    write(tmp_path, {"pack/__init__.py": "", "pack/other.py": "", "pack/stages.py": stage(body=body)})
    assert set(look(tmp_path)["modules"]) == {"pack", "pack.stages"}


def test_a_namespace_package_beside_the_spec_is_followed_too(tmp_path):
    write(tmp_path, {"pack/stages.py": stage("from pack.deep import used"), "pack/deep/used.py": "", "pack/no.py": ""})
    assert set(look(tmp_path)["modules"]) == {"pack.deep.used", "pack.stages"}


def test_a_lone_module_is_followed_into_its_neighbours(tmp_path):
    write(tmp_path, {"alone.py": stage("import beside"), "beside.py": "", "unused.py": ""})
    assert set(look(tmp_path, "alone:S")["modules"]) == {"alone", "beside"}


def test_bases_count_wherever_they_are_from(tmp_path):
    write(tmp_path, {"base/__init__.py": "", "base/stages.py": stage("import base.more"), "base/more.py": ""})
    own = "from base.stages import S as Base\nclass S(Base):\n    pass\n"
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": own})
    assert set(look(tmp_path)["modules"]) == {"base", "base.more", "base.stages", "pack", "pack.stages"}


def test_what_is_missing_counts_as_missing(tmp_path):
    imports = "try:\n    import faster\n    from pack import fast\nexcept ImportError:\n    pass"
    write(tmp_path, {"pack/__init__.py": "slow = 1", "pack/stages.py": stage(imports)})
    assert look(tmp_path)["modules"]["faster"] == look(tmp_path)["modules"]["pack.fast"] == "missing"
    write(tmp_path, {"faster.py": "", "pack/fast.py": ""})
    assert "missing" not in look(tmp_path)["modules"].values()


def test_an_installed_library_counts_by_its_version_and_what_it_requires(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import pandas")})
    found = look(tmp_path)
    assert set(found["modules"]) == {"pack", "pack.stages"}
    assert {"crucible-core", "numpy", "pandas", "pydantic", "python-dateutil"} <= set(found["distributions"])


def test_a_library_is_found_by_its_files_where_its_name_does_not_say_so(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage(body="import yaml, sklearn.svm; return context")})
    assert {"pyyaml", "scikit-learn", "scipy", "numpy"} <= set(look(tmp_path)["distributions"])


def test_a_compiled_module_counts_by_its_bytes(tmp_path):
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage(body="import pack.fast, alone; return context")})
    (tmp_path / f"pack/fast{suffix}").write_bytes(b"\x7fELF one")
    (tmp_path / f"alone{suffix}").write_bytes(b"\x7fELF two")
    before = look(tmp_path)["modules"]
    assert "missing" not in (before["pack.fast"], before["alone"])
    (tmp_path / f"pack/fast{suffix}").write_bytes(b"\x7fELF 0ne")
    assert look(tmp_path)["modules"]["pack.fast"] != before["pack.fast"]
    assert look(tmp_path)["modules"]["alone"] == before["alone"]


def test_a_module_without_source_counts_by_its_bytes(tmp_path):
    import py_compile

    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import pack.bare"), "pack/bare.py": "x = 1"})
    py_compile.compile(str(tmp_path / "pack/bare.py"), str(tmp_path / "pack/bare.pyc"))
    (tmp_path / "pack/bare.py").unlink()
    assert look(tmp_path)["modules"]["pack.bare"]


UNCACHEABLE = {
    "a class made in a function": ("make()", stage() + "def make():\n    class T(S):\n        pass\n    return T\n"),
    "a run made of a text": ("T", stage() + "exec('class T(S):\\n    def run(self, c, o): pass')\n"),
    "a function that makes the run": (
        "T",
        stage() + "class T(S):\n    run = eval('lambda self, context, options: context')\n",
    ),
}


@pytest.mark.parametrize(("after", "source"), UNCACHEABLE.values(), ids=UNCACHEABLE)
def test_a_stage_that_no_file_holds_is_not_cacheable(tmp_path, after, source):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": source})
    found = look(tmp_path, after=f"import pack.stages; kind = pack.stages.{after}")
    assert "no file" in found["uncacheable"]


def test_a_stage_typed_in_is_not_cacheable(tmp_path):
    typed = "from crucible_core import Stage\nclass S(Stage):\n    def run(self, context, options): return context\n"
    assert "no file" in look(tmp_path, "__main__:S", before=typed)["uncacheable"]


@pytest.mark.parametrize("code", [WHOLE["a computed import"], WHOLE["files beside it"]])
def test_a_lone_module_that_does_not_name_everything_is_not_cacheable(tmp_path, code):
    write(tmp_path, {"alone.py": stage(*code)})
    reason = look(tmp_path, "alone:S")["uncacheable"]
    assert "alone.py: line" in reason
    assert "put it into a package" in reason


def test_a_module_made_while_the_program_runs_is_not_cacheable(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import made")})
    before = "import types; sys.modules['made'] = types.ModuleType('made')"
    assert "module made" in look(tmp_path, before=before)["uncacheable"]


def test_code_edited_since_it_was_imported_is_not_cacheable(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import pack.used"), "pack/used.py": "x = 1"})
    edit = "import pathlib; path = pathlib.Path('pack/used.py'); path.write_text('x = 2')"
    assert "used.py changed after this process began" in look(tmp_path, after=edit)["uncacheable"]
    same_time = (
        "import os, pathlib; path = pathlib.Path('pack/used.py'); was = path.stat(); path.write_text('x = 3');"
        "os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))"
    )
    assert "used.py changed after this process began" in look(tmp_path, after=same_time)["uncacheable"]


def test_a_module_imported_later_may_have_been_edited_meanwhile(tmp_path):
    body = "import pack.late; return context"
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage(body=body), "pack/late.py": "x = 1"})
    edit = "import pathlib; path = pathlib.Path('pack/late.py'); path.write_text('x = 2')"
    assert "pack.late" in look(tmp_path, after=edit)["modules"]


def test_an_editable_distribution_counts_by_its_files_however_it_is_found(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import elsewhere.used")})
    write(tmp_path, {"src/elsewhere/__init__.py": "", "src/elsewhere/used.py": "", "src/elsewhere/unused.py": ""})
    finder = """
from importlib.machinery import PathFinder
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, ['src']) if name == 'elsewhere' else None
sys.meta_path.append(Finder)
"""
    assert set(look(tmp_path, before=finder)["modules"]) == {"elsewhere", "elsewhere.used", "pack", "pack.stages"}


MORE_WHOLE = {
    "resources as an attribute": ("import importlib.abc", "importlib.resources.files('pack')"),
    "a template loader": ("from jinja2 import PackageLoader", "PackageLoader('pack')"),
    "the file of a class": ("import inspect", "inspect.getfile(S)"),
    "a module spec": ("from importlib.util import find_spec", "find_spec(options)"),
}


@pytest.mark.parametrize("code", MORE_WHOLE.values(), ids=MORE_WHOLE)
def test_other_ways_to_the_files_of_a_package_count_as_well(tmp_path, code):
    write(tmp_path, {"pack/__init__.py": "", "pack/data/prompt.txt": "words", "pack/stages.py": stage(*code)})
    assert "pack/data/prompt.txt" in look(tmp_path)["modules"]


def test_names_in_all_are_modules_where_there_are_such(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/sub/__init__.py": "__all__ = ['used']", "pack/sub/used.py": ""})
    write(tmp_path, {"pack/stages.py": stage("from pack.sub import *")})
    assert "pack.sub.used" in look(tmp_path)["modules"]


def test_a_module_that_another_program_runs_counts(tmp_path):
    body = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'pack.tool'])"
    write(tmp_path, {"pack/__init__.py": "", "pack/tool.py": "", "pack/stages.py": stage(body=body)})
    assert "pack.tool" in look(tmp_path)["modules"]


def test_where_versions_are_asked_for_all_distributions_count(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage()})
    assert "scikit-learn" not in look(tmp_path)["distributions"]
    write(tmp_path, {"pack/stages.py": stage("from importlib.metadata import version")})
    assert "scikit-learn" in look(tmp_path)["distributions"]


def test_a_package_with_a_link_to_itself_comes_to_an_end(tmp_path):
    write(tmp_path, {"pack/__init__.py": "", "pack/stages.py": stage("import pack\ndef late():\n    return pack.pack")})
    (tmp_path / "pack" / "pack").symlink_to(".")
    assert "pack.stages" in look(tmp_path)["modules"]
    write(tmp_path, {"pack/stages.py": stage(*WHOLE["exec"])})
    assert "pack/stages.py" in look(tmp_path)["modules"]
