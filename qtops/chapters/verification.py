"""What bears that a service works: the state of its unit, its process, its journal, and what it publishes."""

from collections.abc import Iterator

from qtops.chapters.looks import Look
from qtops.chapters.published_keys import age_picture, ages, levels, movement, sample
from qtops.chapters.story import Story
from qtops.chapters.telling import counted, said, untold
from qtops.chapters.unit_status import head, journal, process
from qtops.evidence.document import Block, Claim, Listed, Paragraph, Section
from qtops.facts.times import span


def sections(story: Story) -> tuple[Section, ...]:
    """Unit, process, journal, keys, one of them in full, and what moved."""
    look = _shown(story)
    if look is None:
        why, command = "no look after a recovery, or at the time of writing, is on record", f"qtops doctor {story.case.subject}"
        return (Section("Verification evidence", (Listed((untold("whether the service works", why, command),)),)),)
    return (
        Section("Verification evidence", (Listed(tuple(_watched(story, look))), head(look))),
        Section("Process", (process(look),), 3),
        Section("Journal", (journal(look),), 3),
        Section("Keys in Redis", tuple(_keys(story, look)), 3),
        *(_published(story, look) if look.service.families else ()),
    )


def _published(story: Story, look: Look) -> tuple[Section, ...]:
    return Section("One key in full", (sample(look),), 3), Section("Movement", movement(story.looks), 3)


def _shown(story: Story) -> Look | None:
    """The newest look that speaks of what came after the fault was found; without a recovery, the newest of all."""
    if story.case.recovery is None:
        return story.latest
    return story.now or story.after


def _watched(story: Story, look: Look) -> Iterator[Claim]:
    yield said(f"What follows is {look.taken}.", look.cites("host", "unit"))
    settling = story.case.settling
    if settling is None:
        if story.case.recovery is not None:
            yield untold("whether it stayed up after its start", "the watch over its settle time is not on record")
        return
    times = [one.at_s for one in settling.samples if one.unit is not None]
    if not times:
        yield untold("whether it stayed up after its start", "systemd answered none of the samples", "", story.named("settling"))
        return
    verb = "started" if settling.started else "left as it was"
    text = (
        f"After it was {verb} {story.when(settling.restarted_at_s)}, its unit was sampled {counted(len(times), 'time')} over "
        f"{span(times[-1] - times[0])}, of a settle time of {span(settling.settle_s)}."
    )
    yield said(text, story.named("settling"))


def _keys(story: Story, look: Look) -> Iterator[Block]:
    yield ages(look)
    picture = age_picture(story.looks)
    if picture is not None:
        yield picture
    drawn = levels(look)
    if drawn is not None:
        yield drawn
        wrong = [one for one in drawn.levels if one.wrong]
        told = f"{len(wrong)} of {len(drawn.levels)} levels are not to be placed." if wrong else ""
        if told:
            yield Paragraph((said(told, drawn.evidence),))
