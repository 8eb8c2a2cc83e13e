"""Group B: what importing a stage's module does."""

from __future__ import annotations

import pytest

from crucible_core.testing import Configuration, Status, run_conformance


def failures_of(stage, **given):
    report = run_conformance(stage, **given)
    return {each.check.id for each in report.failures}, report


def of_group(stage):
    return failures_of(stage, checks=["B", "J"])


EFFECTS = {
    "environment": "import os\nos.environ['ACME'] = '1'",
    "a variable less": "import os\nos.environ.pop('PATH')",
    "working directory": "import os\nos.chdir('/')",
    "sys.path": "import sys\nsys.path.insert(0, '/acme')",
    "root level": "import logging\nlogging.getLogger().setLevel(10)",
    "root handlers": "import logging\nlogging.basicConfig()",
    "logging.disable": "import logging\nlogging.disable(logging.INFO)",
    "warnings filters": "import warnings\nwarnings.filterwarnings('ignore', module='acme')",
    "signal handlers": "import signal\nsignal.signal(signal.SIGUSR1, lambda *_: None)",
    "seed": "import random\nrandom.seed(0)",
    "a random draw": "import random\nNUMBER = random.random()",
    "numpy's seed": "import numpy\nnumpy.random.seed(0)",
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()",
    "an open file": "FILE = open(__file__)",
    "print": "print('hello')",
    "print past sys.stdout": "import os\nos.write(1, b'hello')",
    "print to the first stdout": "import sys\nsys.__stdout__.write('hello')",
    "network": "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9), 0.1)\nexcept OSError:\n    pass",
    "a look-up": "import socket\ntry:\n    socket.getaddrinfo('localhost', 80)\nexcept OSError:\n    pass",
    "a process": "import subprocess\nsubprocess.run(['true'])",
    "a shell": "import os\nos.system('true')",
    "a file": "open('acme.txt', 'w').close()",
    "a directory in the home, once": "import pathlib\nHOME = pathlib.Path.home() / '.acme'\nif not HOME.exists():\n    HOME.mkdir()",
    "a file, once": "import os\nif not os.path.exists('x'):\n    open('x', 'w').close()",
    "a temporary file": "import tempfile\nHANDLE, PATH = tempfile.mkstemp()\nimport os\nos.close(HANDLE)",
    "through another module of its own": "import acme_setup",
    "recursion limit": "import sys\nsys.setrecursionlimit(5000)",
    "a method of the standard library": "import json\njson.JSONEncoder.default = lambda self, value: str(value)",
    "a private function": "import ssl\nssl._create_default_https_context = ssl._create_unverified_context",
    "a timer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 3600)",
    "another's logger": "import logging\nlogging.getLogger('urllib3').setLevel(50)",
    "a handler of its own logger": "import logging\nlogging.getLogger(__name__).addHandler(logging.StreamHandler())",
    "temporary files": "import tempfile\ntempfile.tempdir = '/var/tmp'",
    "a limit": "import csv\ncsv.field_size_limit(10**9)",
    "a thread past threading": "import _thread, time\n_thread.start_new_thread(time.sleep, (30,))",
    "a finder": "import sys\nclass Finder:\n    def find_spec(self, *_): return None\nsys.meta_path.insert(0, Finder())",
    "in another process only": "import os\nif os.environ['PYTHONHASHSEED'] != '0':\n    raise RuntimeError('no')",
}


@pytest.mark.parametrize("source", EFFECTS.values(), ids=EFFECTS)
def test_importing_has_no_effects(site, source):
    site.module("acme_setup.py", "import os\nos.environ['ACME'] = '1'")
    site.sound("own.py", before=source)
    site.install(stages={"sound": "own:Sound"})
    failed, report = of_group("acme-scores")
    assert failed == {"CRU-B03"}, str(report)


@pytest.mark.parametrize("effect", ["environment", "warnings filters"])
def test_an_effect_of_the_import_fails_one_check_of_all(site, effect):
    site.sound("own.py", before=EFFECTS[effect])
    failed, report = failures_of("own:Sound")
    assert failed == {"CRU-B03"}, str(report)


ORDINARY = {
    "a logger": "import logging\nLOG = logging.getLogger(__name__)\nLOG.addHandler(logging.NullHandler())",
    "numpy": "import numpy as np\nEPS = np.finfo(float).eps\nRNG = np.random.default_rng(0)",
    "a generator of one's own": "import random\nRNG = random.Random(0)",
    "a file that is read": "TEXT = open(__file__).read()\nimport pathlib\nTEXT = pathlib.Path(__file__).read_text()",
    "what is put back": "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')",
    "a lock and a pool that is not started": "import threading, concurrent.futures\nLOCK = threading.Lock()\nPOOL = concurrent.futures.ThreadPoolExecutor(2)",
    "a library that prints and sets a variable": "import acme_library",
    "a temporary file that is gone": "import tempfile\nwith tempfile.TemporaryFile() as stream:\n    stream.write(b'x')",
    "asyncio": "import asyncio\nasync def one():\n    return 1\n",
    "an entry at exit": "import atexit\natexit.register(lambda: None)",
    "dataclasses and patterns": "import dataclasses, enum, typing, functools, re\nPATTERN = re.compile('x')",
    "what is written to nowhere": "import os\nwith open(os.devnull, 'w') as stream:\n    print('x', file=stream)",
    "a word on standard error": "import sys\nprint('acme is young', file=sys.stderr)",
}


@pytest.mark.parametrize("source", ORDINARY.values(), ids=ORDINARY)
def test_what_modules_ordinarily_do_is_no_effect(site, tmp_path, monkeypatch, source):
    library = tmp_path / "library"
    library.mkdir()
    (library / "acme_library.py").write_text("import os\nprint('hello from a library')\nos.environ['LIBRARY'] = '1'\n")
    monkeypatch.syspath_prepend(str(library))
    site.sound("own.py", before=source)
    failed, report = of_group("own:Sound")
    assert not failed, str(report)


HEAVY = {
    "itself": "import scipy",
    "a part of it": "from pyarrow import csv",
    "through another module of its own": "import acme_setup",
    "where it is missing, nothing": "try:\n    import pyarrow as pa\nexcept ImportError:\n    pa = None",
}


@pytest.mark.parametrize("source", HEAVY.values(), ids=HEAVY)
def test_importing_loads_nothing_heavy(site, source):
    site.module("acme_setup.py", "import pyarrow")
    site.sound("own.py", before=source)
    failed, report = of_group("own:Sound")
    assert failed == {"CRU-B01"}, str(report)


@pytest.mark.parametrize("source", ["import scipy", "from pyarrow import csv"])
def test_a_heavy_import_fails_one_check_of_all(site, source):
    site.sound("own.py", before=source)
    failed, report = failures_of("own:Sound")
    assert failed == {"CRU-B01"}, str(report)


LIGHT = {
    "in a function": "def distance():\n    import scipy\n    return scipy",
    "for annotations": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd",
    "numpy": "import numpy as np",
    "a search for it": "import importlib.util\nTHERE = importlib.util.find_spec('scipy') is not None",
}


@pytest.mark.parametrize("source", LIGHT.values(), ids=LIGHT)
def test_what_is_loaded_later_is_not_heavy(site, source):
    site.sound("own.py", before=source)
    failed, report = of_group("own:Sound")
    assert not failed, str(report)


def test_a_plugin_may_change_the_list_of_heavy_libraries(site):
    site.sound("own.py", before="import scipy, numpy")
    light = Configuration(light={"scipy": "it is what the plugin is about"})
    assert run_conformance("own:Sound", checks=["B01"], configuration=light).passed
    heavy = Configuration(light={"scipy": "likewise"}, heavy=("numpy",))
    found = run_conformance("own:Sound", checks=["B01"], configuration=heavy).outcome("B01")
    assert [each.seen for each in found.findings] == ["it loads numpy"]


def test_a_slow_import_is_reported(site):
    site.sound("own.py", before="import time\nwhile time.process_time() < 0.4:\n    pass")
    report = run_conformance("own:Sound", checks=["B"])
    assert report.outcome("B02").status is Status.ADVISED
    assert report.passed


def test_a_module_that_waits_takes_no_processor_time(site):
    site.sound("own.py", before="import threading\nthreading.Event().wait(0.5)")
    assert run_conformance("own:Sound", checks=["B02"]).outcome("B02").status is Status.PASSED


STRICT = {
    "a docstring": "'''A module.'''\nFIRST = __doc__.strip()",
    "an assertion that does work": "def made():\n    globals()['TABLE'] = {}\n    return True\nassert made()\nTABLE['a'] = 1",
    "a deprecated call": "import warnings\nwarnings.warn('old', DeprecationWarning)",
    "a deprecated call of a library's": "import acme_library\nacme_library.old()",
}


@pytest.mark.parametrize("source", STRICT.values(), ids=STRICT)
def test_a_stage_loads_strictly(site, tmp_path, monkeypatch, source):
    library = tmp_path / "library"
    library.mkdir()
    old = "import warnings\ndef old():\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\n"
    (library / "acme_library.py").write_text(old)
    monkeypatch.syspath_prepend(str(library))
    site.sound("own.py", before=source)
    report = run_conformance("own:Sound", checks=["B"])
    assert report.outcome("B04").status is Status.ADVISED, str(report)
    assert report.passed, str(report)


def test_a_description_that_needs_a_docstring_is_reported(site):
    site.sound(
        "own.py",
        after="class Own(Sound):\n    'Doc.'\n    def describe(self, options=None):\n        type(self).__doc__.strip()\n        return super().describe(options)",
    )
    report = run_conformance("own:Own", checks=["B"])
    assert report.outcome("B04").status is Status.ADVISED, str(report)


LENIENT = {
    "a library's own deprecated call": "import acme_library",
    "a docstring that may be missing": "'''A module.'''\nFIRST = (__doc__ or '').strip()",
    "another kind of warning": "import warnings\nwarnings.warn('young', FutureWarning)",
}


@pytest.mark.parametrize("source", LENIENT.values(), ids=LENIENT)
def test_strictness_is_about_the_plugin_s_own_modules(site, tmp_path, monkeypatch, source):
    library = tmp_path / "library"
    library.mkdir()
    (library / "acme_library.py").write_text(
        "import warnings\nwarnings.warn('old', DeprecationWarning)\nassert __doc__ is None\n"
    )
    monkeypatch.syspath_prepend(str(library))
    site.sound("own.py", before=source)
    report = run_conformance("own:Sound", checks=["B"])
    assert report.outcome("B04").status is Status.PASSED, str(report)


def test_a_module_may_be_named_as_a_heavy_library(site):
    site.module("datasets/__init__.py")
    site.sound("datasets/stages.py")
    failed, report = of_group("datasets.stages:Sound")
    assert not failed, str(report)


def test_a_class_of_a_function_has_no_module_to_import():
    from sound import Sound

    class Local(Sound):
        pass

    report = run_conformance(Local, checks=["B"])
    assert report.outcome("B01").status is Status.NOT_APPLICABLE
    assert report.outcome("B03").status is Status.NOT_APPLICABLE


def test_other_examples_do_not_hide_what_the_import_does(site):
    site.sound("own.py", before="print('hello')")
    from sound import Sound

    report = run_conformance("own:Sound", checks=["B"], examples=Sound.examples)
    assert {each.check.id for each in report.failures} == {"CRU-B03"}, str(report)


@pytest.mark.parametrize("source", ["os.environ['ACME'] = '1'", "os.environ.setdefault('ACME', '1')"])
def test_a_variable_that_was_set_where_the_kit_runs_is_seen(site, monkeypatch, source):
    monkeypatch.setenv("ACME", "")
    monkeypatch.delenv("ACME")
    site.sound("own.py", before=f"import os\n{source}")
    from own import Sound

    report = run_conformance(Sound, checks=["B"])
    assert {each.check.id for each in report.failures} == {"CRU-B03"}, str(report)


def test_a_variable_that_a_test_sets_for_a_stage_is_not_of_the_stage_s_making(site, monkeypatch):
    monkeypatch.setenv("ACME", "1")
    site.sound("own.py", before="import os\nACME = os.environ['ACME']")
    from own import Sound

    report = run_conformance(Sound, checks=["B"])
    assert report.passed, str(report)
