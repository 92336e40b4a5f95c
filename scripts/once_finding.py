# SPDX-License-Identifier: Apache-2.0
"""What check_once.py finds."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    fact: str
    file: str
    line: int
    sentence: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.sentence}"
