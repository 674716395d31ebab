"""The picture of a show: what a dark terminal of a hundred columns would hold, as one SVG that fetches nothing."""

import io
from typing import Final

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from tests.incident.act import Story
from tests.incident.telling import whole

COLUMNS: Final = 100
FORM: Final = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <title>make incident</title>
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-variant-east-asian: full-width;
      font-size: {char_height}px; line-height: {line_height}px;
    }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
  </g>
</svg>
"""


def picture(story: Story) -> str:
    """The whole story as SVG: the same for the same story."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", markup=False,
        highlight=False, emoji=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    console.print(whole(story.title, story.acts, story.closing))
    return console.export_svg(title="make incident", theme=SVG_EXPORT_THEME, code_format=FORM, unique_id="incident")
