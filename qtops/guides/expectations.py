"""Did a command do what was expected of it?"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from qtops.guides.expressions import Expression
from qtops.guides.filling import filled
from qtops.guides.outcome import Ran
from qtops.guides.values import Expectation

CUT = "the middle of the output was not kept, so that nobody can tell"


def unmet(expect: Expectation, ran: Ran, values: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """What did not hold, with these values of parameters; what cannot be told does not hold either."""
    text = ran.text
    if ran.exit_code is None:
        yield ran.why
    elif ran.exit_code not in expect.exit:
        wanted = " or ".join(map(str, expect.exit))
        yield f"exit code {ran.exit_code}, expected {wanted}"
    doubt = f" ({CUT})" if ran.output_cut else ""
    for wanted in filled(expect.contains, values):
        if wanted not in text:
            yield f"the output does not contain {wanted!a}{doubt}"
    for pattern in expect.matches:
        if not Expression(pattern).found_in(text):
            yield f"no line of the output matches {pattern!a}{doubt}"
    for banned in filled(expect.lacks, values):
        if banned in text:
            yield f"the output contains {banned!a}"
        elif doubt:
            yield f"the output should lack {banned!a}: {CUT}"
