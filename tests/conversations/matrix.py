"""Scenarios × languages: which conversations went as written, and whether all languages are served equally well."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

MOST_APART = 3.0  #: points that a language may be below the best one


@dataclasses.dataclass
class Matrix:
    """What became of each conversation."""

    played: dict[tuple[str, str], bool] = dataclasses.field(default_factory=dict)  #: by scenario and language

    @property
    def languages(self) -> list[str]:
        """All that were played."""
        return sorted({language for _, language in self.played})

    def share(self, language: str) -> float:
        """Of a language's conversations the per cent that went as written."""
        own = [passed for (_, code), passed in self.played.items() if code == language]
        return 100 * sum(own) / len(own)

    def faults(self) -> list[str]:
        """Languages that are too far below the best one, or have not all scenarios."""
        scenarios = {scenario for scenario, _ in self.played}
        best = max(map(self.share, self.languages), default=0.0)
        faults = []
        for language in self.languages:
            if best - self.share(language) > MOST_APART:
                faults.append(
                    f"{language}: {self.share(language):.1f} % went as written, the best language has {best:.1f} %"
                )
            if missing := scenarios - {scenario for scenario, code in self.played if code == language}:
                faults.append(f"{language}: not written: {', '.join(sorted(missing))}")
        return faults

    def lines(self) -> list[str]:
        """As a table: a row a scenario, a column a language."""
        languages = self.languages
        width = max((len(scenario) for scenario, _ in self.played), default=0)
        lines = [" " * width + "".join(f"{language:>6}" for language in languages)]
        for scenario in sorted({scenario for scenario, _ in self.played}):
            lines.append(f"{scenario:<{width}}" + "".join(self._cell(scenario, code) for code in languages))
        lines.append(f"{'per cent':<{width}}" + "".join(f"{self.share(code):>6.1f}" for code in languages))
        return lines

    def _cell(self, scenario: str, language: str) -> str:
        passed = self.played.get((scenario, language))
        return f"{'–' if passed is None else 'ok' if passed else 'FAIL':>6}"


def read_results(results: Mapping[str, Sequence[str]]) -> Matrix:
    """From ids of tests by outcome: ``orders/late-th`` among the ``passed`` or the ``failed``."""
    matrix = Matrix()
    for outcome in ("passed", "failed"):
        for name in results.get(outcome, ()):
            scenario, _, language = name.rpartition("-")
            matrix.played[scenario, language] = outcome == "passed"
    return matrix
