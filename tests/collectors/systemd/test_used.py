"""What a unit has used: counted where systemd counts it, and not told where it does not."""

from qtops.collectors.systemd.properties import state
from qtops.collectors.systemd.show import blocks

COUNTED = """Id=a.service
Description=Quantum Risk Proposal Publisher (P1.5)
MemoryCurrent=18769510
MemoryPeak=19188940
MemoryMax=536870912
CPUUsageNSec=126000000
TasksCurrent=1
TasksMax=18689
"""


def read(text):
    (found,) = blocks(text)
    return state(found, {})


def test_memory_tasks_and_work_are_told_in_bytes_numbers_and_seconds():
    unit = read(COUNTED)
    assert unit.description == "Quantum Risk Proposal Publisher (P1.5)"
    assert (unit.memory_bytes, unit.memory_peak_bytes, unit.memory_max_bytes) == (18769510, 19188940, 536870912)
    assert (unit.cpu_s, unit.tasks, unit.tasks_max) == (0.126, 1, 18689)


def test_what_is_not_counted_is_none_and_a_peak_is_only_told_from_254_on():
    unit = read("Id=a.service\nMemoryCurrent=[not set]\nCPUUsageNSec=[not set]\nTasksCurrent=[not set]\nTasksMax=infinity\n")
    assert (unit.memory_bytes, unit.memory_peak_bytes, unit.cpu_s, unit.tasks, unit.tasks_max) == (None,) * 5


def test_a_description_is_printable():
    assert read("Id=a.service\nDescription=\x1b[31mred\n").description == r"\x1b[31mred"
