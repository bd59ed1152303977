"""The doctor says what holds on this machine because it has tried, and what to do where something does not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import grader.doctor
from grader.cli import main
from grader.doctor import Probe, examine
from grader.errors import GraderError, IsolationError
from grader.sandbox.gpu import Gpu
from grader.sandbox.nursery import NOTHING
from grader.sandbox.session import NurseryProcess, start_nursery
from tests.workers import counted


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "draw.key"
    path.write_text("a secret", encoding="utf-8")
    return path


def test_every_layer_that_is_there_is_proved(secret: Path) -> None:
    """Two levels are started; in the better one every probe of the worker must fail to get out."""
    findings = examine(secret)
    levels, probes, (group, accelerator) = findings[:2], findings[2:-2], findings[-2:]

    assert [finding.what for finding in levels] == ["level 3: namespaces", "level 2: Landlock"]
    assert all(finding.told and (finding.holds or finding.fix) for finding in levels)
    if any(finding.holds for finding in levels):
        assert [finding.what for finding in probes] == ["files", "network", "processes", "memory", "signals"]
        assert [finding for finding in probes if not finding.holds] == []
        assert (group.what, group.holds) == ("control group", counted())
    assert accelerator.what == "GPU"


def test_a_card_is_named_with_what_is_free_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has computed on it; where none can, the CPU does, and nothing has to be mended."""
    ended: list[str] = []
    nursery = SimpleNamespace(close=lambda: ended.append("nursery"))
    monkeypatch.setattr(grader.doctor, "nodes", lambda: ("/dev/nvidia0",))
    monkeypatch.setattr(grader.doctor, "begin_on_gpu", lambda card: card)
    monkeypatch.setattr(grader.doctor, "finish_on_gpu", lambda begun, card, trusted: (nursery, Gpu("A Card", 24_000)))
    found = grader.doctor._accelerator()
    assert (found.holds, found.told) == (True, "a worker computed on A Card, 24000 MiB of it are free")
    assert ended == ["nursery"]

    def none(begun: object, card: object, trusted: bool) -> Gpu:
        raise GraderError("a worker cannot compute on it (RuntimeError: no driver)")

    monkeypatch.setattr(grader.doctor, "finish_on_gpu", none)
    found = grader.doctor._accelerator()
    assert (found.holds, found.fix) == (False, "None needed.")
    assert found.told.startswith("a worker cannot compute on it (RuntimeError: no driver); trainings run on ")


def test_a_probe_that_gets_through_is_told(secret: Path) -> None:
    """Where nothing isolates, the same probes say so: they are not words alone."""
    nursery = start_nursery(NOTHING)
    try:
        files = grader.doctor._probed(
            nursery, "files", "sees", [[str(secret)]], lambda seen: seen == [], "out of sight"
        )
        broken = grader.doctor._probed(nursery, "files", "no_such_probe", [], lambda seen: True, "out of sight")
    finally:
        nursery.close()

    assert files == Probe(
        *("files", False, f"the probe got through: {[str(secret)]}", "Do not grade strangers' code on this machine.")
    )
    assert (broken.holds, broken.told.startswith("the probe failed: ")) == (False, True)


def nothing_works(level: int) -> NurseryProcess:
    raise IsolationError(f"level {level} is not allowed here")


def test_a_machine_without_isolation_gets_one_fix_a_level(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    """No probe is tried where no level starts; the exit status says that grading would be refused."""
    monkeypatch.setattr(grader.doctor, "start_nursery", nothing_works)

    findings = examine(secret)
    ended = CliRunner().invoke(main, ["doctor"])

    assert [finding.holds for finding in findings[:2]] == [False, False]
    assert [finding.told for finding in findings[:2]] == ["level 3 is not allowed here", "level 2 is not allowed here"]
    assert all(finding.fix for finding in findings[:2])
    assert len(findings) == 3
    assert ended.exit_code == 1
    assert ended.output.count("\n      ") == 3
    assert all(finding.fix in ended.output for finding in findings)


@pytest.mark.parametrize(
    ("file", "content", "fix"),
    [
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "an AppArmor profile with `userns,`"),
        ("/proc/sys/user/max_user_namespaces", "0\n", "sudo sysctl user.max_user_namespaces"),
        ("", "", "rootless podman"),
    ],
)
def test_the_fix_is_the_one_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, file: str, content: str, fix: str
) -> None:
    """What the kernel's own settings say decides which command is told."""

    def read_text(path: Path, *_: object) -> str:
        if str(path) == file:
            return content
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", read_text)

    assert fix in grader.doctor._namespace_fix()


@pytest.mark.parametrize(("system", "fix"), [("Windows", "WSL2"), ("Darwin", "Containerfile")])
def test_elsewhere_linux_is_the_fix(monkeypatch: pytest.MonkeyPatch, system: str, fix: str) -> None:
    """Namespaces are Linux's."""

    def read_text(path: Path, *_: object) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", read_text)
    monkeypatch.setattr("platform.system", lambda: system)

    assert fix in grader.doctor._namespace_fix()


@pytest.mark.parametrize(("folders", "told"), [(["unified"], True), (["memory", "pids"], False), ([], False)])
def test_where_groups_may_be_had_for_the_asking_it_is_said(
    monkeypatch: pytest.MonkeyPatch, folders: list[str], told: bool
) -> None:
    """In version 2 a user may have them in a scope of their own; nobody needs them."""
    monkeypatch.setattr(grader.doctor, "open_groups", lambda name: None)
    monkeypatch.setattr(grader.doctor, "own_folders", lambda: [(kind, Path("/nowhere")) for kind in folders])

    fix = grader.doctor._group().fix

    assert fix.startswith("None needed.")
    assert ("systemd-run --user --scope" in fix) is told
