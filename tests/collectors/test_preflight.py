"""Units on disk, each sick in its own way or healthy in an odd one, looked at as a whole."""

import zipfile
from pathlib import Path

import pytest

from qtops.checks.registry import judge
from qtops.collectors.preflight import Request, look_at
from qtops.errors import UsageError
from qtops.findings import Severity
from tests.preflight_trees import PYTHON, VENV

from .units import APP, FOLDER, SERVICE, lay, looked, start, unit

SITE = f"{VENV}/lib/python3.11/site-packages"
WRAPPER = f"#!/bin/bash\ncd {APP}\nexec {PYTHON} main.py\n"
BASH = {"/bin/bash": "\x7fELF", f"{APP}/run.sh": WRAPPER}
SICK = {
    "interpreter missing": (["UNIT101"], unit(ExecStart=f"/opt/none/bin/python3 {APP}/main.py"), {}),
    "script missing": (["UNIT103"], unit(ExecStart=f"{PYTHON} {APP}/mian.py"), {}),
    "module missing": (["UNIT103"], unit(ExecStart=f"{PYTHON} {APP}/"), {}),
    "working directory missing": (["UNIT104"], unit(WorkingDirectory="/srv/ap"), {}),
    "user unknown": (["UNIT105"], unit(User="nobody-here"), {}),
    "group unknown": (["UNIT105"], unit(Group="nobody-here"), {}),
    "environment file missing": (["UNIT106"], unit(EnvironmentFile="/etc/quantum/none.env"), {}),
    "log directory missing": (["UNIT107"], unit(StandardOutput="append:/var/log/none/app.log"), {}),
    "log directory that systemd makes too late": (
        ["UNIT107"], unit("LogsDirectory=app", StandardOutput="append:/var/log/app/app.log"), {}
    ),
    "sandbox path missing": (["UNIT108"], unit("ReadWritePaths=/srv/none"), {}),
    "home hidden": (
        ["UNIT109"],
        unit("ProtectHome=yes", WorkingDirectory="/home/qt/app", ExecStart=f"{PYTHON} /home/qt/app/main.py"),
        {"/home/qt/app/main.py": SERVICE, "/home/qt/app/lib/rules.py": "def check(x): ...\n"},
    ),
    "limit in the wrong section": (["UNIT110"], unit("StartLimitIntervalSec=300", "StartLimitBurst=5"), {}),
    "limit that never trips": (["UNIT110"], unit("StartLimitBurst=10", RestartSec="30"), {}),
    "required unit masked": (["UNIT111"], unit(Requires="gate.service"), {f"{FOLDER}/gate.service": ""}),
    "required unit missing": (["UNIT111"], unit(Requires="gate.service"), {"/usr/lib/systemd/system/a.target": ""}),
    "setting misspelt": (["UNIT112"], unit("Restrat=always"), {}),
    "no ExecStart": (["UNIT113"], unit(without=("ExecStart",)), {}),
    "relative ExecStart": (["UNIT113"], unit(ExecStart="venv/bin/python main.py"), {}),
    "distribution missing": (["IMPORT103"], unit(), {f"{APP}/main.py": "import fastapi\nfastapi.run()\n"}),
    "import missing": (["IMPORT101"], unit(), {f"{APP}/main.py": "from lib.none import x\nx()\n"}),
    "name missing": (["IMPORT101"], unit(), {f"{APP}/main.py": "from lib.rules import none\nnone()\n"}),
    "syntax error": (["CODE101"], unit(), {f"{APP}/lib/rules.py": "def check(:\n"}),
    "conflict marker": (["CODE101"], unit(), {f"{APP}/main.py": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n"}),
    "a library, not a daemon": (["CODE102"], unit(), {f"{APP}/main.py": "import time\n\n\ndef main():\n    time.sleep(1)\n"}),
    "guarded import of the project's own": (
        ["IMPORT102"],
        unit(),
        {f"{APP}/main.py": "try:\n    from lib.exits import own\n    ON = True\nexcept ImportError:\n    ON = False\nprint(ON)\n"},
    ),
    "secret": (["ENV103"], unit(Environment="API_KEY=abc"), {}),
    "comment in a value": (["ENV102"], unit(), {"/etc/quantum/risk-proposal.env": "INTERVAL=10  # seconds\n"}),
    "set twice": (["ENV101"], unit("Environment=MODE=a", "Environment=MODE=b"), {}),
    "wrapper script whose target is not there": (
        ["UNIT103"], unit(ExecStart=f"/bin/bash -c 'cd {APP} && exec {PYTHON} none.py'"), BASH
    ),
    "python in ExecStartPre": (["IMPORT101"], unit(f"ExecStartPre={PYTHON} {APP}/pre.py"), {f"{APP}/pre.py": "import lib.none\n"}),
}  # fmt: skip
ODD = {
    "plain": (unit(), {}),
    "namespace package": (unit(), {f"{APP}/main.py": "from parts.a import x\nx()\n", f"{APP}/parts/a.py": "x = print\n"}),
    "guarded optional import": (
        unit(), {f"{APP}/main.py": "try:\n    import orjson as json\nexcept ImportError:\n    import json\njson.dumps(1)\n"}
    ),
    "oneshot without Restart": (unit(Type="oneshot", Restart="no"), {}),
    "-m of a package": (unit(ExecStart=f"{PYTHON} -m lib"), {f"{APP}/lib/__main__.py": "from lib.rules import check\ncheck(1)\n"}),
    "bash -c with a virtual environment": (unit(ExecStart=f"/bin/bash -c 'cd {APP} && exec {PYTHON} main.py'"), BASH),
    "optional environment file": (unit(EnvironmentFile="-/etc/quantum/none.env"), {}),
    "optional sandbox path": (unit("ReadWritePaths=-/srv/none"), {}),
    "state folder that systemd makes": (unit("StateDirectory=a", "ReadWritePaths=/var/lib/a", WorkingDirectory="/var/lib/a"), {}),
    "numeric user": (unit(User="1000"), {}),
    "dynamic user": (unit("DynamicUser=yes", User="made-up", Group="made-up"), {}),
    "starts for ever on purpose": (unit(RestartSec="60").replace("[Unit]\n", "[Unit]\nStartLimitIntervalSec=0\n"), {}),
    "editable install": (
        unit(), {f"{APP}/main.py": "from tool.x import run\nrun()\n", "/srv/t/tool/x.py": "run = 1\n", f"{SITE}/t.pth": "/srv/t\n"}
    ),
    "Type=notify behind a socket": (unit(Type="notify", Requires="app.socket"), {f"{FOLDER}/app.socket": "[Socket]\n"}),
    "absolute path of a package's module": (unit(ExecStart=f"{PYTHON} -P {APP}/main.py", Environment=f"PYTHONPATH={APP}"), {}),
    "condition not met": (unit(User="none-here").replace("[Unit]\n", "[Unit]\nConditionPathExists=/etc/none\n"), {}),
    "home hidden but bound": (
        unit("ProtectHome=tmpfs", "BindReadOnlyPaths=/home/qt/app", WorkingDirectory="/home/qt/app"), {"/home/qt/app/x": ""}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SICK)
def test_a_sick_unit_is_diagnosed(tmp_path, case):
    codes, text, files = SICK[case]
    found = [finding.code for finding in looked(tmp_path, text, files) if finding.severity is not Severity.INFO]
    assert found == codes


@pytest.mark.parametrize("case", ODD)
def test_an_odd_but_healthy_unit_has_no_finding(tmp_path, case):
    text, files = ODD[case]
    assert [finding for finding in looked(tmp_path, text, files) if finding.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    ("code", "contents", "mode"),
    [
        ("UNIT101", WRAPPER, 0o644), ("UNIT102", WRAPPER.replace("\n", "\r\n"), 0o755), ("UNIT102", "#!/bin/none\n", 0o755),
        ("UNIT102", "echo no first line\n", 0o755),
    ],
)  # fmt: skip
def test_a_wrapper_that_the_kernel_refuses(tmp_path, code, contents, mode):
    root = lay(tmp_path, unit(ExecStart=f"{APP}/run.sh"), {"/bin/bash": "\x7fELF"})
    (tmp_path / "srv/app/run.sh").write_bytes(contents.encode())
    (tmp_path / "srv/app/run.sh").chmod(mode)
    assert [finding.code for finding in judge(start(root))] == [code]


def test_a_broken_virtual_environment_is_named_by_its_link(tmp_path):
    findings = looked(tmp_path, unit(), without=("/usr/bin/python3.11",))
    (finding,) = [finding for finding in findings if finding.code == "UNIT101"]
    assert f"{PYTHON} -> /usr/bin/python3.11" in finding.evidence


def test_what_a_link_leads_to_counts_for_the_sandbox(tmp_path):
    text = unit("ProtectHome=yes", ExecStart=f"{PYTHON} /srv/link/main.py")
    root = lay(
        tmp_path,
        text,
        {"/home/qt/code/main.py": SERVICE, "/home/qt/code/lib/rules.py": "def check(x): ...\n"},
        **{"/srv/link": "/home/qt/code"},
    )
    (finding,) = judge(start(root))
    assert (finding.code, finding.evidence) == ("UNIT109", ("script /home/qt/code/main.py: Python exits with status=2",))


def test_a_zip_archive_and_a_symlinked_script_are_started_as_they_are(tmp_path):
    root = lay(tmp_path, unit(ExecStart=f"{PYTHON} {APP}/app.pyz"), **{"/usr/local/bin/app": f"{APP}/main.py"})
    with zipfile.ZipFile(f"{root}{APP}/app.pyz", "w") as archive:
        archive.writestr("__main__.py", "from inner import run\nrun()\n")
        archive.writestr("inner.py", "def run(): ...\n")
    assert judge(start(root)) == ()
    Path(f"{root}{FOLDER}/linked.service").write_text(unit(ExecStart=f"{PYTHON} /usr/local/bin/app"))
    assert judge(start(root, "linked.service")) == ()


def test_another_environment_that_has_the_distribution_is_named(tmp_path):
    other = "/opt/other/venv"
    files = {
        f"{APP}/main.py": "import fastapi\nfastapi.run()\n",
        f"{other}/pyvenv.cfg": "home = /usr/bin\n",
        f"{other}/lib/python3.11/site-packages/fastapi/__init__.py": "",
        f"{FOLDER}/web.service": f"[Service]\nExecStart={other}/bin/python x.py\n",
    }
    root = lay(tmp_path, unit(), files)
    request = Request(root=root, units=(f"{root}{FOLDER}",))
    facts = {start.subject: start for start in look_at(request, lambda *_: None).starts}
    assert facts["app.service"].imports.failures[0].installed_in == (other,)


def test_drop_ins_count(tmp_path):
    files = {f"{FOLDER}/app.service.d/10-user.conf": "[Service]\nUser=nobody-here\n"}
    (finding,) = looked(tmp_path, unit(), files)
    assert (finding.code, finding.where.endswith("app.service.d/10-user.conf:2")) == ("UNIT105", True)


def test_an_instance_is_looked_at_and_a_template_as_far_as_it_goes(tmp_path):
    text = unit(ExecStart=f"{PYTHON} {APP}/main.py %i", EnvironmentFile="/etc/quantum/%i.env")
    assert [finding.code for finding in looked(tmp_path / "a", text, name="app@btc.service")] == ["UNIT106"]
    root = lay(tmp_path / "b", text, name="app@.service")
    facts = start(root, "app@.service")
    assert facts.outside == ("EnvironmentFile=/etc/quantum/%i.env",)
    assert facts.imports.failures == ()


def test_what_the_tree_does_not_hold_is_named_and_no_finding(tmp_path):
    for path, text in {
        f"{APP}/main.py": "from lib.rules import check\ncheck(1)\n",
        f"{APP}/lib/rules.py": "def check(x): ...\n",
    }.items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text(text)
    (tmp_path / "units").mkdir()
    (tmp_path / "units/app.service").write_text(unit())
    facts = look_at(Request(root=str(tmp_path), units=(f"{tmp_path}/units",)), lambda *_: None).starts[0]
    assert judge(facts) == ()
    assert facts.outside == (f"ExecStart={PYTHON}", "EnvironmentFile=/etc/quantum/risk-proposal.env")


def test_no_link_leads_out_of_the_root(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.py").write_text("import lib.none\n")
    root = lay(tmp_path / "root", unit(ExecStart=f"{PYTHON} /srv/link/main.py"))
    Path(f"{root}/srv/link").symlink_to(outside)
    assert [finding.code for finding in judge(start(root))] == ["UNIT103"]


def test_masked_units_and_those_that_cannot_be_read(tmp_path):
    root = lay(tmp_path, unit())
    Path(f"{root}{FOLDER}/masked.service").symlink_to("/dev/null")
    assert start(root, "masked.service").loads is False
    (tmp_path / "etc/systemd/system/huge.service").write_bytes(b"[Service]\n" + b"#" * (1024 * 1024 + 1))
    assert start(root, "huge.service").missing[0].endswith("larger than any unit file")


@pytest.mark.parametrize(
    "contents",
    [
        b"\x00" * 100,
        b"\xff\xfe[Service]",
        b"[Service\nExecStart=",
        b"[Service]\nExecStart=/bin/x \\",
        b"=\n[]\n[X]\na",
        "[Service]\nExecStart=/\u202ex".encode(),
    ],
)
def test_malformed_units_are_never_a_traceback(tmp_path, contents):
    root = lay(tmp_path, unit())
    path = Path(f"{root}{FOLDER}/bad.service")
    path.write_bytes(contents)
    facts = start(root, "bad.service")
    assert judge(facts) or facts.missing or facts.outside


def test_malformed_sources_give_a_finding_or_could_not_tell(tmp_path):
    deep = "x = " + "(" * 5000 + ")" * 5000 + "\n"
    for name, text in {"nul": "x = 1\0\n", "deep": deep, "link": ""}.items():
        root = lay(tmp_path / name, unit(), {f"{APP}/lib/rules.py": text})
        if name == "link":
            Path(f"{root}{APP}/lib/rules.py").unlink()
            Path(f"{root}{APP}/lib/rules.py").symlink_to("rules.py")
        facts = start(root)
        assert facts.imports.failures or facts.imports.unknown


def test_what_is_not_there_or_no_unit_is_a_usage_error(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "app.timer").write_text("[Timer]\n")
    for argument in ("none.service", "empty", "app.timer"):
        with pytest.raises(UsageError):
            look_at(Request(units=(str(tmp_path / argument),)), lambda *_: None)


def test_one_name_in_two_folders_is_told_apart_by_its_path(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "app.service").write_text(unit())
    starts = look_at(Request(units=(str(tmp_path),)), lambda *_: None).starts
    assert [start.subject for start in starts] == [f"{tmp_path}/a/app.service", f"{tmp_path}/b/app.service"]
