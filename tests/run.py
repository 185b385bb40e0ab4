"""``make test``: every check there is, stage by stage; the last line counts them.

``python -m tests.run STAGE ...`` runs some stages only. What a stage printed is in ``.build/test/STAGE.log``; of a
command that fails, the first error and the end are shown. Stages that need only a processor run beside those that often
wait for daemons.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import multiprocessing
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping

import conftest  # noqa: F401  # pylint: disable=unused-import  # makes the collection importable under its own name
from lab import patience

ROOT = pathlib.Path(__file__).parents[1]
LOGS = ROOT / ".build/test"
BIN = ROOT / ".venv/bin"
PYTHON = str(BIN / "python")
COLLECTION = pathlib.PurePath("ansible_collections/evpn/fabric")
SCENARIOS = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))
#: Interpreters of managed hosts, each with the pyroute2 that is tried with it.
INTERPRETERS = {"3.9": "0.7.2", "3.10": "0.7.7", "3.12": "0.8.1", "3.13": "0.9.*"}
#: The oldest and the newest release of ansible-core that the collection supports, each with the controller's interpreter.
CONTROLLERS = {"2.18": "3.11", "2.21": "3.13"}
#: What these validate, and on what they run the playbooks: the latter needs neither VRFs nor VLAN devices.
INVENTORIES = (
    "inventories/lab",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("inventories/examples/*.yml")),
    *(
        f"molecule/{scenario}/inventory"
        for scenario in SCENARIOS
        if not (ROOT / "molecule" / scenario / "inventory").is_symlink()
    ),
)
BROUGHT_UP = "molecule/bridging/inventory"
PYTEST = ("pytest", "pytest-xdist", "hypothesis")
#: Tests of the engine that every kernel and every interpreter shall pass.
ENGINE_TESTS = tuple(f"tests/integration/test_{name}.py" for name in ("dataplane", "entries", "dataplane_info"))
#: Tests of thousands of generated cases, which only the oldest and the newest interpreter run too: they take minutes.
GENERATED = ("_kernel/plan/test_laws", "_kernel/test_hostile_documents")
SHOWN_OF_A_FAILURE = 60
#: The first error of a command is shown with this many lines, because what tidies up afterwards may fill its end.
SHOWN_OF_AN_ERROR = 25
AN_ERROR = re.compile(r"\[ERROR\]|\bfatal: |^Traceback|^E  ")
#: Seconds that one command may take: more than twice what the longest takes, because machines have hours that are as slow.
LIMIT = 2400
Environment = Mapping[str, str]


@dataclasses.dataclass
class Counts:
    """Checks that passed, failed and were skipped, and why they were skipped."""

    passed: int = 0
    failed: int = 0
    reasons: list[str] = dataclasses.field(default_factory=list)

    def add(self, other: Counts) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.reasons += other.reasons

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {len(self.reasons)} skipped"


class Stage:
    """One stage's log, and the commands that it runs."""

    def __init__(self, name: str):
        self.log = LOGS / f"{name}.log"
        self.log.write_text("")
        self.failures: list[str] = []

    def run(self, *command: str, cwd: pathlib.Path = ROOT, environment: Environment | None = None) -> bool:
        """Runs a command, its output into the log; whether it succeeded."""
        variables = {**os.environ, "PATH": _path(), "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1", **(environment or {})}
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            start = log.tell()
            # A session of its own: an interrupt from the terminal does not end it part by part, we do.
            with subprocess.Popen(
                command,
                cwd=cwd,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process:
                _stand_back_as_we_do(process.pid)
                try:
                    code = process.wait(LIMIT)
                    failure = f"exit status {code}" if code else ""
                except subprocess.TimeoutExpired:
                    listed = "\n".join(patience.descendants(process.pid).values())
                    failure = f"it had not ended after {LIMIT} s; these were its processes:\n{listed}"
                finally:
                    if process.poll() is None:
                        patience.end_processes([process.pid, *patience.descendants(process.pid)])
        if failure:
            self.failures.append("\n".join([f"$ {' '.join(command)}", *self.excerpt(start), failure]))
        return not failure

    def excerpt(self, start: int = 0) -> list[str]:
        """The first error in the log, of the lines from ``start`` on, and the last of them."""
        with self.log.open(errors="replace") as log:
            log.seek(start)
            lines = log.read().splitlines()
        end = max(0, len(lines) - SHOWN_OF_A_FAILURE)
        error = next((number for number, line in enumerate(lines[:end]) if AN_ERROR.search(line)), end)
        until = min(error + SHOWN_OF_AN_ERROR, end)
        return [*lines[error:until], *(["[...]"] if until < end else []), *lines[end:]]

    def check(self, *command: str, cwd: pathlib.Path = ROOT, environment: Environment | None = None) -> Counts:
        """A command that is one check."""
        return Counts(passed=1) if self.run(*command, cwd=cwd, environment=environment) else Counts(failed=1)

    def pytest(self, *arguments: str, python: str = PYTHON, environment: Environment | None = None) -> Counts:
        """Runs pytest on all processors; counts its tests."""
        report = self.log.with_suffix(".xml")
        report.unlink(missing_ok=True)
        command = (python, "-m", "pytest", "-q", "--numprocesses=auto", "--dist=worksteal", f"--junit-xml={report}")
        succeeded = self.run(*command, *arguments, environment=environment)
        return _judged(succeeded, _of_junit(report))

    def pytest_in_vm(self, *arguments: str) -> Counts:
        """Runs pytest in a virtual machine; nothing written in there stays, so the report comes by way of the log."""
        script = '"$@" --junit-xml=/tmp/report.xml; status=$?; cat /tmp/report.xml; exit $status'
        command = (PYTHON, "-m", "lab", "vm", "bash", "-c", script, "pytest", PYTHON, "-m", "pytest", "-q", *arguments)
        succeeded = self.run(*command)
        report = self.log.with_suffix(".xml")
        report.unlink(missing_ok=True)
        _before, found, rest = self.log.read_text().partition("<?xml")
        if found:
            report.write_text(found + rest.rstrip())
        return _judged(succeeded, _of_junit(report))


def _stand_back_as_we_do(session: int) -> None:
    """Gives a session our own niceness: where the scheduler weighs sessions first, a process's counts within its own only."""
    # The kernel may have no autogroups (sched(7), "The autogroup feature"), the session may be over: it is a courtesy only.
    if own := os.nice(0):
        with contextlib.suppress(OSError):
            pathlib.Path(f"/proc/{session}/autogroup").write_text(str(own))


def _judged(succeeded: bool, counts: Counts) -> Counts:
    """The counts of a run of pytest; one that came to no tests has failed."""
    if not counts.failed and (not succeeded or not counts.passed):
        counts.failed = 1
    return counts


def _of_junit(report: pathlib.Path) -> Counts:
    counts = Counts()
    if report.exists():
        for case in ET.parse(report).iter("testcase"):
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                counts.failed += 1
            elif skipped is not None:
                counts.reasons.append(
                    f"{case.get('name')}: {skipped.get('message') or skipped.text or 'nothing to apply it to'}"
                )
            else:
                counts.passed += 1
    return counts


def lint(stage: Stage) -> Iterator[Counts]:
    """Formatting, style, types, changelog fragments, and whether what is derived from the schema is current."""
    yield stage.check("ruff", "format", "--check", ".")
    yield stage.check("ruff", "check", ".")
    yield stage.check("mypy")
    yield stage.check("antsibull-changelog", "lint")
    yield stage.check(PYTHON, "-m", "tools.schema", "--check")


def unit(stage: Stage) -> Iterator[Counts]:
    """What needs neither a kernel nor FRR."""
    yield stage.pytest("tests/unit")


def integration(stage: Stage) -> Iterator[Counts]:
    """Real namespaces of this machine's kernel, and real FRR in them."""
    # A file's tests share hosts; and while daemons take their time, a processor has some for one more.
    together = ("--dist=loadfile", f"--numprocesses={1 + (os.cpu_count() or 1)}")
    yield stage.pytest("tests/integration", "-m", "not undisturbed", *together)
    yield stage.pytest("tests/integration", "-m", "undisturbed", "--numprocesses=0")


def versions(stage: Stage) -> Iterator[Counts]:
    """The engine with other versions of Python and pyroute2, the playbooks with other releases of ansible-core."""
    # As Ansible does on a host, the tests bring Ansible's module_utils along, whatever the Python.
    link = ROOT / ".build/target/ansible"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(pathlib.Path(sysconfig.get_paths()["purelib"]) / "ansible")
    for version, pyroute2 in INTERPRETERS.items():
        requirements = (*PYTEST, "pyyaml", "jinja2", f"pyroute2=={pyroute2}")
        made = _virtual_environment(stage, f"python{version}", version, requirements)
        if isinstance(made, Counts):
            yield made
            continue
        # Our encoding is compared with the newest pyroute2's, by the stage unit.
        tests = [
            "tests/unit/plugins/module_utils",
            "--ignore=tests/unit/plugins/module_utils/_kernel/netlink",
            *ENGINE_TESTS,
        ]
        if version not in (min(INTERPRETERS, key=_number), max(INTERPRETERS, key=_number)):
            tests += [f"--ignore=tests/unit/plugins/module_utils/{name}.py" for name in GENERATED]
        yield stage.pytest(*tests, python=str(made / "python"), environment={"PYTHONPATH": str(link.parent)})
    for core, version in CONTROLLERS.items():
        made = _virtual_environment(stage, f"ansible-core{core}", version, (f"ansible-core=={core}.*", *PYTEST))
        if isinstance(made, Counts):
            yield made
            continue
        playbook = str(made / "ansible-playbook")
        for inventory in INVENTORIES:
            yield stage.check(playbook, "evpn.fabric.validate", "--inventory", inventory)
        yield stage.pytest("tests/unit/plugins/plugin_utils/test_hostvars.py", python=str(made / "python"))
        yield stage.check(PYTHON, "-m", "tests.controller", playbook, BROUGHT_UP)


def _virtual_environment(stage: Stage, name: str, python: str, requirements: tuple[str, ...]) -> pathlib.Path | Counts:
    """The programs of a virtual environment with these packages, which is made once; what to count where there is none."""
    interpreter = shutil.which(f"python{python}", path=_path())
    if interpreter is None:
        return Counts(reasons=[f"{name}: there is no python{python} on this machine"])
    home = ROOT / ".build" / name
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != repr(requirements):
        install = (str(home / "bin/pip"), "install", "-qq", "--disable-pip-version-check", *requirements)
        if not (stage.run(interpreter, "-m", "venv", str(home)) and stage.run(*install)):
            return Counts(failed=1)
        ready.write_text(repr(requirements))
    return home / "bin"


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _path() -> str:
    """Where commands are found: the virtual environment first; interpreters themselves instead of pyenv's shims for them."""
    given = [entry for entry in os.environ["PATH"].split(":") if not entry.endswith("/shims")]
    return ":".join([str(BIN), *given, *(str(path) for path in sorted(pathlib.Path.home().glob(".pyenv/versions/3.*/bin")))])


def kernel(stage: Stage) -> Iterator[Counts]:
    """What needs VRF and VLAN devices, on a stock kernel."""
    yield stage.pytest_in_vm("tests/kernel", *ENGINE_TESTS, "tests/integration/test_attribute_pairs.py")


def ansible(stage: Stage) -> Iterator[Counts]:
    """ansible-lint, the sanity tests, the documentation: of the files that are under version control."""
    with tempfile.TemporaryDirectory(prefix="evpn-sanity-") as directory:
        copy = pathlib.Path(directory) / COLLECTION
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        yield stage.check("ansible-lint", cwd=copy, environment={"ANSIBLE_COLLECTIONS_PATH": directory})
        stage.run("ansible-test", "sanity", "--junit", "--color", "no", cwd=copy)
        reports = list((copy / "tests/output/junit").glob("*.xml"))
        for report in reports:
            yield _of_junit(report)
        if not reports:
            yield Counts(failed=1)
    collections = str(ROOT / ".build/collections")
    for kind, directory_name in (("module", "modules"), ("filter", "filter")):
        names = {path.stem for path in ROOT.glob(f"plugins/{directory_name}/[!_]*")}
        for name in sorted(names):
            yield stage.check(
                "ansible-doc", "--type", kind, f"evpn.fabric.{name}", environment={"ANSIBLE_COLLECTIONS_PATH": collections}
            )


def demo(stage: Stage) -> Iterator[Counts]:
    """The demo, and its playbooks once more: there is nothing left to change."""
    yield stage.check(PYTHON, "-m", "lab.demo")
    shown = len(stage.log.read_text())
    for playbook in ("site", "gateways") if not stage.failures else ():
        again = stage.check("ansible-playbook", f"evpn.fabric.{playbook}", "--inventory", "inventories/lab")
        yield Counts(failed=1) if re.search(r"changed=[1-9]", stage.log.read_text()[shown:]) else again
    _end_labs(stage, "demo")


def molecule(stage: Stage) -> Iterator[Counts]:
    """The scenarios, on containers: each converges, announces what it does, and pings; most see that nothing changes twice."""
    labs = {scenario: _lab(scenario) for scenario in sorted(SCENARIOS, key=_lab)}
    for scenario, lab in labs.items():
        started = time.monotonic()
        # Those that share a lab run one after the other, and the last of them ends it. The others would remember it as theirs.
        is_last = [other for other in labs if labs[other] == lab][-1] == scenario
        stage.run("molecule", "reset", "--scenario-name", scenario)
        counts = stage.check("molecule", "test", "--scenario-name", scenario, *(() if is_last else ("--destroy=never",)))
        _say(f"  {scenario}: {_summary(counts, started)}")
        if counts.failed:
            _end_labs(stage)
        yield counts


def _lab(scenario: str) -> str:
    """The lab of a scenario: that of the one to whose inventory its own is a link."""
    return (ROOT / "molecule" / scenario / "inventory").resolve().parent.name


def _end_labs(stage: Stage, *name: str) -> None:
    """Ends a lab; after a failure all of them, and their virtual machine: what comes next shall not suffer from it."""
    stage.run(PYTHON, "-m", "lab", "down", *(() if stage.failures else name))


#: In the order in which they run: those that wait for daemons, and those beside them. The kernel's is the last of these:
#: scenarios wait more than they compute.
STAGES: dict[str, Callable[[Stage], Iterator[Counts]]] = {
    stage.__name__: stage for stage in (integration, molecule, demo, lint, unit, versions, ansible, kernel)
}
BESIDE = ("lint", "unit", "versions", "ansible", "kernel")
#: How much these stand back (nice(2)): packets on their way and daemons' timers come first, and yet no test waits for long.
STAND_BACK = 10
_FORK = multiprocessing.get_context("fork")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.run", description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"one of {', '.join(STAGES)}; all of them if none is named")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.stages) - set(STAGES))
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such stage; there are {', '.join(STAGES)}")
    wanted = [name for name in STAGES if name in arguments.stages or not arguments.stages]
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    total = _run_in_two_lanes([name for name in wanted if name not in BESIDE], [name for name in wanted if name in BESIDE])
    if total.reasons:
        _say("skipped:\n" + "\n".join(f"  {reason}" for reason in total.reasons))
    _say(str(total))
    return 1 if total.failed else 0


def _run_in_two_lanes(names: list[str], beside: list[str]) -> Counts:
    """Runs stages, and others beside them; alone, those need not stand back."""
    if not names:
        return _run_all(beside)
    counted: multiprocessing.SimpleQueue[Counts] = _FORK.SimpleQueue()
    other = _FORK.Process(target=_run_beside, args=(beside, counted))
    other.start()
    try:
        total = _run_all(names)
        other.join()
    finally:
        other.terminate()
    total.add(Counts(failed=1) if counted.empty() else counted.get())
    return total


def _run_beside(names: list[str], counted: multiprocessing.SimpleQueue[Counts]) -> None:
    os.nice(STAND_BACK)
    counted.put(_run_all(names))


def _run_all(names: list[str]) -> Counts:
    total = Counts()
    for name in names:
        total.add(_run(name))
    return total


def _run(name: str) -> Counts:
    function, counts, stage = STAGES[name], Counts(), Stage(name)
    _say(f"== {name}: {re.split(r'[.:] *$', function.__doc__ or '')[0]}")
    started = time.monotonic()
    try:
        for found in function(stage):
            counts.add(found)
    except (OSError, subprocess.SubprocessError, ET.ParseError) as error:
        with stage.log.open("a") as log:
            log.write(f"{error}\n")
        stage.failures.append(str(error))
        counts.failed += 1
    except (KeyboardInterrupt, SystemExit):
        _say("\n".join([*stage.failures, *stage.excerpt(), f"  {name}, ended from outside: {_summary(counts, started)}"]))
        raise
    failures = [*stage.failures, f"  (all of it: {stage.log.relative_to(ROOT)})"] if counts.failed else []
    _say("\n".join([*failures, f"  {name}: {_summary(counts, started)}"]))
    return counts


def _summary(counts: Counts, started: float) -> str:
    return f"{counts}, {time.monotonic() - started:.0f} s"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
