"""Failures inside the conversations' modules show their values as well."""

import pytest

pytest.register_assert_rewrite(
    "tests.flows.job",
    "tests.flows.main_line",
    "tests.flows.branches",
    "tests.flows.cases",
    "tests.flows.mila_line",
)
