"""Tokenizers and models that need no file and no network."""

from __future__ import annotations

import os
import tempfile

import pytest

# torch sets it where it is missing, as soon as an optimizer is made
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", f"{tempfile.gettempdir()}/torchinductor")


@pytest.fixture(scope="session")
def chat_tokenizer():
    """A byte-level tokenizer without merges, with a chat template as Qwen's."""
    from crucible_train.local.byte_tokenizer import byte_tokenizer

    return byte_tokenizer()


@pytest.fixture(scope="session")
def byte_tokenizer():
    """A tokenizer in Python that cannot tell where in a text a token lies, and has no template."""
    from transformers import ByT5Tokenizer

    return ByT5Tokenizer()
