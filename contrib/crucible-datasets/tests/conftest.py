"""What the tests of this distribution share."""

from __future__ import annotations

import sklearn.datasets  # noqa: F401 - sets KMP_* in the environment when it is imported; here, no test is blamed for it
