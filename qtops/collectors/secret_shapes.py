"""What secrets look like in text: beside a telling name, in a URL, in a header, or by their own form.

In every pattern the group ``secret`` is what is to be hidden; the rest shows what it was.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_KEYS: Final = (
    "api", "access", "private", "signing", "auth", "encryption", "secret", "account", "shared", "master", "session", "client",
)  # fmt: skip
_NAME: Final = (  # begins with a character in every alternative, which makes it quick to look for
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|token|credentials?|requirepass|masterauth|jwt|session[_-]?(?:id|token)|"
    + "|".join(f"{word}[_-]?key" for word in _KEYS)
    + ")(?:[_-]?(?:hash|base|value|key|id))?"
)
_OPEN: Final = r"(?P<quote>\\{0,3}[\"'])"
_QUOTED: Final = r"(?:(?!(?P=quote))(?:\\.|[^\n]))+"
_BARE: Final = r"[^\s\"'&,;}\])<>|\\]+"
_STAND_IN: Final = (  # what stands for a value, or says that there is none
    r"(?!(?:none|null|nil|true|false|undefined|unset|missing|empty|required|invalid|expected|\d{1,3}|\*+)(?![\w.*+/@!#$%^-])"
    r"|(?:os\.(?:environ|getenv)|self|settings|config|getenv)\b)"
)
_VALUE: Final = rf"(?:[a-z_.]{{0,20}}\((?=[\"'])|[bru](?=[\"']))?{_OPEN}?{_STAND_IN}(?P<secret>(?(quote){_QUOTED}|{_BARE}))"
_SEPARATOR: Final = r"(?:\\{0,3}[\"'])?(?:\s?(?:={1,3}>?|:)\s?|%3d)|\\{0,3}[\"']\s?,\s?(?=b?\\{0,3}[\"'])"
_SCHEME: Final = r"(?:basic|bearer|token|negotiate|apikey|bot)"

_NAMES: Final = (  # one of these is in every name
    *("pass", "pwd", "secret", "token", "credential", "masterauth", "jwt", "_key", "-key", "session_id", "session-id", "sessionid"),
    *(f"{word}key" for word in _KEYS),
)

PAIRS: Final = tuple(
    (words, re.compile(pattern))
    for words, pattern in (
        (("authorization",), r"authorization(?:\\{0,3}[\"'])?\s?[:=,]\s?(?:digest|aws4-hmac-sha256)\s(?P<secret>[^\n]+)"),
        (
            ("authorization",),
            r"authorization(?:\\{0,3}[\"'])?\s?[:=,]\s?(?:b?\\{0,3}[\"'])?"
            rf"(?:{_SCHEME}\s+)?(?P<secret>[^\s\"'\\,}}\])]+)",
        ),
        (("cookie",), r"\b(?:set-)?cookie(?:\\{0,3}[\"'])?\s?[:=]\s?(?:\\{0,3}[\"'])?(?P<secret>[^\s\"'\\}][^\n\"'\\}]*)"),
        (("--",), rf"(?<![\w-])--(?:[a-z]+-)*{_NAME}[\"']?(?:\s?,\s?|\s+|=)[\"']?(?P<secret>[^\s\"'-][^\s\"']*)"),
        (("</",), rf"<(?:\w+:)?{_NAME}>(?P<secret>[^<\n]+)<"),
        (("redis-cli",), r"\bredis-cli\b[^\n]*?\s(?:-a|--pass)\s+(?P<secret>\S+)"),
        (("sshpass",), r"\bsshpass\b[^\n]*?\s-p\s?(?P<secret>\S+)"),
        (("mysql",), r"\bmysql\w*\b[^\n]*?\s-p(?P<secret>\S+)"),
        (("curl",), r"\bcurl\b[^\n]*?\s(?:-u|--user)\s?[^\s:]+:(?P<secret>\S+)"),
        (_NAMES, rf"{_NAME}(?:{_SEPARATOR}){_VALUE}"),
        (("requirepass", "masterauth", "identified by"), r"\b(?:requirepass|masterauth|identified by)\s+(?P<secret>\S+)"),
    )
)
"""Secrets beside a name, for text in lower case; slow to look for, so only where one of the words is."""
FORMS: Final = tuple(
    (words, re.compile(pattern))
    for words, pattern in (
        (("://",), r"://[^\s:/?#@\"'<>]*:(?!\d{1,5}/)(?P<secret>(?:(?!://)[^\s\"'<>])+)@"),
        (("earer ", "asic ", "EARER ", "ASIC "), r"\b(?:[Bb]earer|[Bb]asic|BEARER|BASIC) +(?=\S*(?:\d|=|[a-z][A-Z]|[A-Z]{2}))"
         r"(?P<secret>[A-Za-z0-9._~+/=-]{8,})"),
        (("eyJ",), r"\b(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?)"),
        (("AKIA", "ASIA", "ABIA", "ACCA"), r"\b(?P<secret>(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})\b"),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), r"(?P<secret>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
        (("glpat-", "npm_", "pypi-", "hf_", "shpat_"), r"\b(?P<secret>(?:glpat-|npm_|pypi-|hf_|shpat_)[\w-]{16,})"),
        (("xox",), r"\b(?P<secret>xox[abeoprs]-[A-Za-z0-9-]{8,})"),
        (("sk-", "k_live_", "k_test_"), r"\b(?P<secret>sk-[\w-]{16,}|[prs]k_(?:live|test)_\w{10,})"),
        (("AIza",), r"\b(?P<secret>AIza[\w-]{35})"),
        (("hooks.slack.com",), r"hooks\.slack\.com/services/(?P<secret>[\w/-]+)"),
        (("/webhooks/",), r"/webhooks/\d+/(?P<secret>[\w-]+)"),
    )
)  # fmt: skip
"""Secrets of a form of their own, each behind words that are quick to look for."""
LITERAL: Final = re.compile(r"(?<![A-Za-z0-9+/_-])(?P<secret>[A-Za-z0-9+/_-]{32,}={0,2})")
"""Long words; secret where ``is_random``."""
BLOCK: Final = re.compile(  # with real line ends, or escaped ones in one line; whatever else follows the header stays
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\+[nr])*(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]*)*"
    r"(?P<secret>(?:(?:\s|\\+[nr])*[A-Za-z0-9+/=]{16,})*(?:(?:\s|\\+[nr])*[A-Za-z0-9+/=]+(?=(?:\s|\\+[nr])*-----END))?)"
)
FLAG: Final = re.compile(rf"--?(?:[a-z]+-)*{_NAME}", re.IGNORECASE)
"""An option whose argument is a secret."""


def is_random(word: str) -> bool:
    """Whether a long word is a random literal: of upper and lower case letters and digits, and no path or name made of words.

    A digest in lower-case hex, as of a commit or an invocation, is none.
    """
    if not (any(map(str.isupper, word)) and any(map(str.islower, word)) and any(map(str.isdigit, word))):
        return False
    plain = word.rstrip("=")
    return plain.isalnum() or sum(_is_odd(a, b) for a, b in pairwise(plain)) >= max(5, len(plain) // 6)


def credentials_in_url(text: str) -> Iterator[str]:
    """Passwords of the URLs in a text, as they stand there."""
    return (found["secret"] for found in FORMS[0][1].finditer(text))


def _is_odd(first: str, second: str) -> bool:
    """Whether two neighbours are rare in words: two capitals, or a letter beside a digit."""
    return (
        (first.isupper() and second.isupper()) or (first.isalpha() and second.isdigit()) or (first.isdigit() and second.isalpha())
    )
