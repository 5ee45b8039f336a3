"""The tiers of the tests: where something is missing a test is skipped with the reason, and under CI it fails."""

import textwrap
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

#: Nothing is kept and nothing is said of what these tests are not about.
QUIET = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
HOOKS = "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n"
SKIPS = {
    "test_marked.py": "import pytest\n@pytest.mark.skip(reason='no time')\ndef test_it() -> None: ...\n",
    "test_called.py": "import pytest\ndef test_it() -> None: pytest.skip('no browser')\n",
    "test_fixture.py": textwrap.dedent("""
        import pytest
        @pytest.fixture
        def server() -> None: pytest.skip('no server')
        def test_it(server: None) -> None: ...
    """),
    "test_module.py": "import pytest\npytest.skip('no such module', allow_module_level=True)\n",
}


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of tests that are skipped in every way, under the hooks of these tests."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    pytester.makeconftest(HOOKS)
    for name, text in SKIPS.items():
        (pytester.path / name).write_text(text)
    return pytester


def test_elsewhere_a_skip_is_a_skip(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    done = inner.runpytest_inprocess(*QUIET)
    done.assert_outcomes(skipped=len(SKIPS))
    assert done.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def test_under_ci_every_skip_is_a_failure_that_names_the_reason(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    done = inner.runpytest_inprocess(*QUIET, "--continue-on-collection-errors")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert "skipped" not in done.parseoutcomes()
    shown = done.stdout.str()
    for reason in ("no time", "no browser", "no server", "no such module"):
        assert reason in shown
