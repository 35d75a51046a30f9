"""What holds for all tests."""

from __future__ import annotations

import hypothesis

# An example takes as long as the machine is busy: time is measured by benchmarks, not by properties.
hypothesis.settings.register_profile("pasar", deadline=None)
hypothesis.settings.load_profile("pasar")
