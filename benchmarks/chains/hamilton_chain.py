"""A chain of no-op nodes in Apache Hamilton, in memory: ``python hamilton_chain.py STAGES REPEATS``."""

from __future__ import annotations

import sys

from hamilton import ad_hoc_utils, base, driver
from timing import Stopwatch


def main(stages: int, repeats: int) -> None:
    code = "def n0() -> int:\n    return 0\n" + "".join(
        f"def n{index}(n{index - 1}: int) -> int:\n    return n{index - 1}\n" for index in range(1, stages)
    )
    names: dict[str, object] = {"__name__": "chain"}
    exec(code, names)
    functions = [names[f"n{index}"] for index in range(stages)]
    module = ad_hoc_utils.create_temporary_module(*functions, module_name="chain")
    last = f"n{stages - 1}"

    def build() -> driver.Driver:
        return driver.Builder().with_modules(module).with_adapters(base.DictResult()).build()

    watch = Stopwatch(stages)
    for _ in range(repeats):
        made = watch.time("build", build)
        watch.time("first execute", lambda made=made: made.execute([last]))
        watch.time("execute", lambda made=made: made.execute([last]))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
