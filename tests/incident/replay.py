"""The recorded incident, where nothing can be booted: diagnosed anew, its plan, and its report written and checked anew."""

import io
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from qtops.chapters.ledger import recorded
from qtops.diagnose import diagnose
from qtops.evidence.case import Case
from qtops.facts.times import utc
from qtops.proof.moments import moments
from qtops.reports.recovery import human
from qtops.reports.recovery.report import Report
from tests.incident.act import Act, Played, Story
from tests.incident.live import here, play, shown, times, verdict
from tests.incident.recording import FOUNDING, recorded_case
from tests.incident.script import BUNDLE, DOCTOR, INCIDENT, PLAN, QUESTION, check, replayed_report
from tests.incident.telling import Narrator

TITLE: Final = (QUESTION, "Replayed: diagnosis, plan and report are made anew from the record.")


def replay(folder: Path, narrator: Narrator) -> Story:
    """Play it from the record; the report that it makes goes into ``folder``."""
    began = time.monotonic()
    narrator.begin(TITLE)
    case = recorded_case()
    asked = Act(f"qtops doctor --from {shown(FOUNDING / BUNDLE)}", DOCTOR.heading, DOCTOR.promised, DOCTOR.keep)
    played = play((asked,), here(), narrator)
    played += (planned(case, narrator),)
    place = shown(folder / INCIDENT)
    played += play((replayed_report(shown(FOUNDING), place), check(place)), here(), narrator)
    story = Story(TITLE, played, (*on_record(case), *verdict(played, folder, time.monotonic() - began)))
    narrator.end(story.closing)
    return story


def planned(case: Case, narrator: Narrator) -> Played:
    """What recover said that it would do, told from the plan on record."""
    assert case.before is not None
    assert case.plan is not None
    began = time.monotonic()
    report = Report(
        outcome="planned",
        unit=case.plan.unit,
        host=case.host,
        at_s=case.plan.made_at_s,
        diagnosis=diagnose(case.before)[0],
        plan=case.plan,
    )
    told = io.StringIO()
    Console(file=told, force_terminal=True, color_system="standard", width=1000).print(human.render(report))
    act = Act(PLAN.command, f"What would be done about it? (the plan of {utc(case.plan.made_at_s)})", PLAN.promised, PLAN.keep)
    narrator.heading(act.heading)
    narrator.command(act.command)
    played = Played(act, told.getvalue(), "", report.exit_code, round(time.monotonic() - began, 1))
    narrator.output(played)
    return played


def on_record(case: Case) -> tuple[str, ...]:
    """When it was failed, noticed and verified, as it is on record."""
    assert case.before is not None
    known = moments(case.before.services[0], None, recorded(case.entries))
    return times({one.name: one.at_s for one in known if one.at_s is not None})
