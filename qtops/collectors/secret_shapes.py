"""What secrets look like in text: beside a telling name, in a URL, in a header, or by their own form.

Patterns are texts, ``compiled`` when they are first needed: all of them together would take as long as a short command.
In every one the group ``secret`` is what is to be hidden; the rest shows what it was.
"""

import re
import string
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

compiled: Final = cache(re.compile)
"""The pattern of a text."""
_LOWER_CASE: Final = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_KEYS: Final = (
    *("api", "access", "private", "signing", "auth", "encryption", "secret", "account", "shared", "master", "session", "client"),
    "hmac",
)
_NAME: Final = (  # begins with a character in every alternative, which makes it quick to look for
    r"(?:pass(?:word|phrase|code)?(?<!surpass)(?<!bypass)(?<!compass)(?! :)|(?<!/)passwd|pwd|secrets?|token"
    r"|(?<!load)(?<!set)(?<!import)credentials?(?!: ?\w)|requirepass|masterauth|jwt|(?<![a-z])pw(?![a-z])"
    r"|[_-]pin|hmac|session[_-]?(?:id(?=\W{1,4}[\w%.-]{8})|token)|" + "|".join(f"{word}[_-]?key" for word in _KEYS) + ")"
    r"(?:[_.-]?(?:hash|base|value|key|id))?"
)
_PLAIN: Final = r"[^\s\"'&,;}\])<>|\\]"
_BARE: Final = (  # a quote, an ampersand or a bracket within a word is part of it
    rf"{_PLAIN}+(?:(?:[\"'](?=[\w@#$%+./-])|&(?=\w)(?!\w+=)|\\[^\snrtux](?=\w)|[\])](?=\w)){_PLAIN}+)*"
)
_STAND_IN: Final = (  # what stands for a value, or says that there is none; in source text, an expression
    r"(?!(?:none|null|nil|true|false|undefined|unset|missing|empty|required|invalid|expected|\d{1,3}|\*+|str|bytes|await|yield"
    r"|(?:\w+_)?(?:password|passwd|token|secret|key))(?![\w.*+/@!#$%^-])"
    r"|/(?:etc|run|var|home|opt|usr|srv|root|tmp|proc|dev)/"
    r"|(?:os\.(?:environ|getenv)|self|settings|config|getenv)\b|secret(?:str|bytes)\b(?!\())"
)
_VALUE: Final = (
    rf"{_STAND_IN}(?:[a-z_.]{{0,20}}\((?=[\"'])|[bru](?=[\"'])|\"\"(?=\")|''(?='))?"
    rf"(?:(?P<quote>[\"'])|(?P<escaped>\\{{1,7}}[\"']))?{_STAND_IN}"
    rf"(?P<secret>(?(quote)(?:\\.|(?P=quote){{2}}(?=\w)|(?!(?P=quote))[^\n])+|(?(escaped)(?:(?!(?<!\\)(?P=escaped))[^\n])+|{_BARE})))"
)
_QUOTE: Final = r"(?:\\{0,7}[\"'])"
_SEPARATOR: Final = rf"{_QUOTE}?\]?(?:\s?(?:={{1,3}}>?|:)\s?|%(?:25)*3d)|{_QUOTE}\s?,\s?(?=b?{_QUOTE})"
_SCHEME: Final = r"(?:basic|bearer|token|negotiate|apikey|bot)"
_TELLING: Final = r"(?=\S*\d)(?=\S*[a-z])(?!\d{4}-\d\d|/)"  # in prose a secret is told from a word by a digit in it

_NAMES: Final = (  # one of these is in every name
    *("pass", "pwd", "secret", "token", "credential", "masterauth", "jwt", "_key", "-key", "session_id", "session-id", "sessionid"),
    *("_pin", "-pin", "hmac", "pw"),
    *(f"{word}key" for word in _KEYS),
)

PAIRS: Final = tuple(
    (frozenset(words), pattern)
    for words, pattern in (
        (("authorization",), rf"authorization{_QUOTE}?\s?[:=,]\s?(?:digest|aws4-hmac-sha256)\s(?P<secret>[^\n]+)"),
        (
            ("authorization",),
            rf"authorization{_QUOTE}?\s?[:=,]\s?(?:b?{_QUOTE})?(?:{_SCHEME}\s+)?(?P<secret>[^\s\"'\\,}}\])]+)",
        ),
        (("cookie",), rf"\b(?:set-)?cookie{_QUOTE}?\s?[:=]\s?{_QUOTE}?(?P<secret>[^\s\"'\\}}][^\n\"'\\}}]*)"),
        (("--",), rf"(?<![\w-])--(?!no-)(?:[a-z]+-)*{_NAME}(?:-command)?{_QUOTE}?(?:\s?,\s?|\s+|=)(?!{_QUOTE}?-){_VALUE}"),
        (("</",), rf"<(?:\w+:)?{_NAME}>(?P<secret>[^<\n]+)<"),
        (("</",), rf"\b(?:key|name)={_QUOTE}[\w.-]*{_NAME}{_QUOTE}[^>\n]*>(?P<secret>[^<\n]+)<"),
        (("env ",), rf"^\s*env\s+\w*{_NAME}\s+(?P<secret>\S+)"),
        (("redis-",), rf"\bredis-[a-z]+\b[^\n]{{0,300}}?[\s\"'](?:-a|--pass){_QUOTE}?(?:,\s?|\s+){_VALUE}"),
        (("sshpass",), r"\bsshpass\b[^\n]{0,300}?\s-p\s?(?P<secret>\S+)"),
        (("mysql",), r"\bmysql\w*\b[^\n]{0,300}?\s-p(?P<secret>\S+)"),
        (("curl",), r"\bcurl\b[^\n]{0,300}?\s(?:-u|--user)\s?[^\s:]+:(?P<secret>\S+)"),
        # A line that is an assignment holds nothing else; quotes around an assignment hold all of its value.
        (_NAMES, rf"^\s*(?:(?:export|declare -x|set)\s+|environment=)?[\w.-]*{_NAME}=(?![\"']){_STAND_IN}(?P<secret>[^\s\\]\S*)"),
        (_NAMES, rf"^\s*(?:- )?[\w.-]*{_NAME}:\s+(?![\"'[{{>|&*]){_STAND_IN}(?P<secret>(?!\S+\()\S+(?:[ \t]+(?!#)\S+)*)"),
        (_NAMES, rf"(?P<around>[\"'])[\w.-]*{_NAME}={_STAND_IN}(?![\"'])(?P<secret>(?:\\.|(?!(?P=around))[^\n\\])+)(?P=around)"),
        (_NAMES, rf"{_NAME}(?:{_SEPARATOR}){_VALUE}"),
        (_NAMES, rf"\w_{_NAME}\s*[|│]\s*{_STAND_IN}{_TELLING}(?P<secret>[^\s|│]{{6,}})"),
        (_NAMES, rf"\b(?:password|passphrase|token|secret|api key)\s+(?:(?:is|was|to)\s+)?{_QUOTE}?{_TELLING}(?!\S+[=(])"
                 r"(?P<secret>[^\s,;|]{7,}[^\s,;|\"'.)])"),
        (("login",), r"\blogin\s+\S+\s+password\s+(?P<secret>\S+)"),
        (("sig", "hmac"),
         rf"\b(?:signature|sign?|hmac)(?:-256)?{_QUOTE}?\s?[=:]\s?{_QUOTE}?(?:sha\d+=)?(?P<secret>[\w+/%=-]{{32,}})"),
        (("code=",), r"[?&]code=(?=[^&\s]*\d)(?=[^&\s]*[a-z])(?P<secret>[^&\s\"']{12,})"),
        (("3a%",), r"%(?P<n>(?:25)*)3a(?:%(?P=n)2f){2}[^\s%]*%(?P=n)3a(?P<secret>\S{1,300}?)%(?P=n)40"),
        (("setcredential",), r"setcredential(?:encrypted)?=[\"']?[\w.@-]+[:\s]\s?(?P<secret>[^\s\"'][^\n]*)"),
        (("auth",), rf"{_QUOTE}auth2?{_QUOTE}(?:\s{_QUOTE}[^\"'\n]*{_QUOTE}(?=\s{_QUOTE}(?!keys\b)))?+\s(?={_QUOTE}){_VALUE}"),
        (("auth",),
         rf"(?:\bauth{_QUOTE}?\s?[:=,]\s?[\[(]|\b(?:basic|digest|proxy|http)_?auth\()\s?{_QUOTE}[^\"'\n]*{_QUOTE},\s?{_VALUE}"),
        (("auth", "config", "acl", "migrate"),
         r"'(?:auth|config|acl|hello|migrate)\b.{0,300}args beginning with:\s(?P<secret>['\"].*)"),
        (("sec-websocket-protocol",), r"sec-websocket-protocol\W{1,4}[\w.-]+,\s?(?P<secret>[^\s\"',]+)"),
        (("hmac.",), rf"\bhmac\.(?:new|digest)\(\s?(?:key=)?(?=b?{_QUOTE}){_VALUE}"),
        (("->", "=>", "→"),
         rf"\b(?:password|passphrase|secret|token)\s[^\n]{{0,60}}?\s(?:->|=>|→)\s+{_TELLING}(?P<secret>[^\s,;]{{8,}})"),
        (("> auth",), r"> auth\s+(?:\S+\s+)?(?P<secret>\S+)\s*$"),
        (("setuser", "user "),
         rf"(?:setuser{_QUOTE}?\s+\S+|\buser\s+\S+\s+(?:on|off))\b[^\n]{{0,300}}?\s{_QUOTE}?[><#!](?P<secret>[^\s*]\S*)"),
        (("requirepass", "masterauth", "-pass", "identified by"),
         rf"\b(?:requirepass|masterauth|tls-[\w-]+-pass|auth-pass{_QUOTE}?\s+\S+|identified by){_QUOTE}?\s+(?![=:]){_VALUE}"),
    )
)  # fmt: skip
"""Secrets beside a name, for lines in lower case; slow to look for, so only where one of the words is."""
ACROSS: Final = (
    (r"value[\"'\\]*\s?[:=]", rf"{_NAME}[\"'\]]*[ \t]*,?\s*(?:-[ \t])?{_QUOTE}?value{_QUOTE}?\s?[:=]\s?{_VALUE}"),
    (r"[>|][+-]?[ \t]*\n[ \t]",
     rf"{_NAME}{_QUOTE}?:[ \t]*[>|][+-]?[ \t]*\n(?P<indent>[ \t]+)(?P<secret>[^\n]+(?:\n(?P=indent)[^\n]+)*)"),
    (r"[:=][ \t]*\n[ \t]*[\"']", rf"{_NAME}{_QUOTE}?[ \t]*[:=][ \t]*\n[ \t]*(?=[\"']){_VALUE}"),
)  # fmt: skip
"""The same, where name and value may stand on lines of their own; only where a sign is, on the line of ``NAME`` or the next."""
FORMS: Final = (
    (("://",), r"://[^\s:/?#@\"'<>]*:(?!\d{1,5}/)(?P<secret>(?:(?!://)(?:[^\s\"'<>]|[\"'](?=[\w@])))+)@"),
    (("://",), r"://(?P<secret>(?=[a-zA-Z_-]*\d)[\w-]{20,})@"),
    (("//",), r"//(?<![:/\w]//)[^\s:/@\"']+:(?P<secret>[^\s@\"']+)@"),
    (("AUTH",), r"[\"']AUTH[\"'],\s?[\"'](?P<secret>[^\"'\n]+)[\"']"),
    (("earer ", "asic ", "EARER ", "ASIC "), r"(?:[Bb]earer|[Bb]asic|BEARER|BASIC) +(?=\S*(?:\d|=|[a-z][A-Z]|[A-Z]{2}))"
     r"(?P<secret>[A-Za-z0-9._~+/-]{8,}={0,2})(?![\w=])"),
    (("eyJ",), r"\b(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?)"),
    (("AKIA", "ASIA", "ABIA", "ACCA"), r"\b(?P<secret>(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})\b"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), r"(?P<secret>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
    (("glpat-", "npm_", "pypi-", "hf_", "shpat_", "_pat_", "op_v1_"),
     r"\b(?P<secret>(?:glpat-|npm_|pypi-|hf_|shpat_|dckr_pat_|dop_v1_)[\w-]{16,})"),
    (("xox", "xapp-"), r"\b(?P<secret>(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,})"),
    (("sk-",), r"(?P<secret>sk-(?<![\w-]sk-)[\w-]{16,})"),
    (("k_live_", "k_test_"), r"\b(?P<secret>[prs]k_(?:live|test)_\w{10,})"),
    (("AIza",), r"\b(?P<secret>AIza[\w-]{35})"),
    (("SG.", "hvs.", "hvb."), r"\b(?P<secret>(?:SG\.[\w-]{16,}\.|hv[sb]\.)[\w-]{16,})"),
    ((":A",), r"(?<!\d)(?P<secret>\d{8,10}:A[\w-]{34})(?![\w-])"),  # of a Telegram bot
    (("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[\w/-]+)"),
    (("/webhooks/",), r"/webhooks/\d+/(?P<secret>[\w-]+)"),
)  # fmt: skip
"""Secrets of a form of their own, each behind words that are quick to look for."""
LITERAL: Final = (  # neither the fingerprint of a key, nor a public key, nor a picture
    r"(?<![A-Za-z0-9+/_-])(?<!(?:SHA256|sha256|base64)[:,])(?!AAAA[BCE])(?P<secret>[A-Za-z0-9+/_-]{32,}={0,2})"
)
"""Long words; secret where ``is_random``."""
BLOCK: Final = (  # with real line ends, or escaped ones in one line; whatever else follows the header stays
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\+[nr])*(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]*)*"
    r"(?P<secret>(?:(?:\s|\\+[nr])*[A-Za-z0-9+/=]{16,})*(?:(?:\s|\\+[nr])*[A-Za-z0-9+/=]+(?=(?:\s|\\+[nr])*-----END))?)"
)
NAME: Final = _NAME
CODES: Final = r"(?:\x1b|\\{1,8}(?:x1b|u001b|033|e)|#033|\^\[)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))"
"""Terminal control sequences, as they are or written out."""
FLAG: Final = rf"(?i:--?(?:[a-z]+-)*{_NAME})"
"""An option whose argument is a secret."""


def is_random(word: str) -> bool:
    """Whether a long word is a random literal: of upper and lower case letters and digits, and no path or name made of words.

    A digest in lower-case hex, as of a commit or an invocation, is none.
    """
    if not (any(map(str.isupper, word)) and any(map(str.islower, word)) and any(map(str.isdigit, word))):
        return False
    plain = word.rstrip("=")
    return plain.isalnum() or sum(_is_odd(a, b) for a, b in pairwise(plain)) >= max(5, len(plain) // 6)


def lowered(text: str) -> str:
    """A text in lower case and of the same length, which ``str.lower`` does not promise."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(_LOWER_CASE)


def credentials_in_url(text: str) -> Iterator[str]:
    """Passwords of the URLs in a text, as they stand there."""
    return (found["secret"] for found in compiled(FORMS[0][1]).finditer(text))


def _is_odd(first: str, second: str) -> bool:
    """Whether two neighbours are rare in words: two capitals, or a letter beside a digit."""
    return (
        (first.isupper() and second.isupper()) or (first.isalpha() and second.isdigit()) or (first.isdigit() and second.isalpha())
    )
