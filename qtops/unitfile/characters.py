"""What systemd holds for blanks, text and safe text; every module here means the same by them."""

import re

WHITESPACE = " \t\n\r"
_NO_CHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)) + "]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def decoded(data: bytes) -> str | None:
    """The text that the bytes are in UTF-8; None when they are not. systemd refuses Unicode's noncharacters too."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if is_text(text) else None


def is_text(text: str) -> bool:
    """Whether it holds neither undecodable bytes (PEP 383) nor noncharacters."""
    return not any("\ud800" <= c <= "\udfff" for c in text) and not _NO_CHARACTERS.search(text) if not text.isascii() else True


def is_safe(text: str) -> bool:
    """Neither control characters nor quotes nor backslashes (``string_is_safe`` of systemd)."""
    return not _CONTROL.search(text) and not set(text) & set("\"'\\")
