"""Ports: what a stage gets, and what it is told when it gets nothing."""

from __future__ import annotations

import pytest

from crucible_core import StageError, resolve_ports
from crucible_core.ports import PORTS


class Lookup:
    """An embedder by table."""

    def embed_texts(self, texts):
        return [[float(len(text))] for text in texts]


def test_a_port_given_wins_over_the_default():
    ports = resolve_ports(["embedding_client"], {"embedding_client": Lookup}, {"embedding_client": "absent:nothing"})
    assert ports["embedding_client"].embed_texts(["abc"]) == [[3.0]]


def test_a_port_is_made_by_the_name_of_its_factory(tmp_path, monkeypatch):
    (tmp_path / "ports_of_mine.py").write_text(
        "class Chat:\n    def chat(self, messages, options):\n        return {'n': 1}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    ports = resolve_ports(["llm_client"], {"llm_client": "ports_of_mine:Chat"})
    assert ports["llm_client"].chat([], {}) == {"n": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing implements llm_client"),
        ({"llm_cleint": Lookup}, "no port is called llm_cleint"),
        ({"llm_client": "no_such_module:x"}, "cannot be imported"),
        ({"llm_client": "builtins:no_such"}, "cannot be imported"),
        ({"llm_client": Lookup}, "has no chat"),
        ({"llm_client": lambda: 1 / 0}, "ZeroDivisionError"),
    ],
)
def test_a_port_that_cannot_be_had_is_named(given, said):
    with pytest.raises(StageError, match=said) as caught:
        resolve_ports(["llm_client"], given)
    assert caught.value.code == "missing_ports"


def test_the_eight_ports_have_names_and_documented_methods():
    assert len(PORTS) == 8
    for protocol in PORTS.values():
        methods = [value for name, value in vars(protocol).items() if callable(value) and not name.startswith("_")]
        assert methods
        assert all(method.__doc__ for method in methods)
