"""Train with seeded generators, and leave the process as it was found."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def isolated(seed: int) -> Iterator[None]:
    """Seed the global generators of torch, numpy and Python; put back afterwards what libraries change on the way.

    Put back are the states of those generators, torch's default type, number of threads and choice of algorithms, the
    variables of the environment (torch sets one when the first optimizer is made), and what transformers sets of its
    logger and its progress bars, which are not shown meanwhile.
    """
    with ExitStack() as after:
        _keep_environment(after)
        _keep_generators(after)
        _keep_torch(after)
        _quiet_transformers(after)
        _seed(seed)
        yield


def _keep_environment(after: ExitStack) -> None:
    before = dict(os.environ)

    def restore() -> None:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        for name, value in before.items():
            if os.environ.get(name) != value:
                os.environ[name] = value

    after.callback(restore)


def _keep_generators(after: ExitStack) -> None:
    import numpy as np
    import torch

    after.callback(random.setstate, random.getstate())
    after.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002 - what others may draw from is put back
    after.callback(torch.random.set_rng_state, torch.random.get_rng_state())
    if torch.cuda.is_available():
        after.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())


def _keep_torch(after: ExitStack) -> None:
    import torch

    after.callback(torch.set_default_dtype, torch.get_default_dtype())
    after.callback(torch.set_num_threads, torch.get_num_threads())
    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    after.callback(torch.use_deterministic_algorithms, strict, warn_only=warn_only)
    after.callback(torch.set_grad_enabled, torch.is_grad_enabled())
    torch.set_grad_enabled(True)


def _quiet_transformers(after: ExitStack) -> None:
    logger = logging.getLogger("transformers")
    after.callback(logger.setLevel, logger.level)
    from transformers.utils import logging as messages

    if messages.is_progress_bar_enabled():
        after.callback(messages.enable_progress_bar)
        messages.disable_progress_bar()


def _seed(seed: int) -> None:
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - likewise
    torch.manual_seed(seed)
