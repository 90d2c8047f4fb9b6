"""What a question asks to keep in mind, or to forget. Pure."""

import re

_NOTE_LEAD = re.compile(
    r"^\s*(?:for (?:the future|later|next time)[,:]\s*)?(?:(?:please|can you|could you|i want you to|you should"
    r"|you can|also|hey|ok|kindly)[\s,]+)*"
    r"(?:(?:don't|do not|never|no longer|not|stop)\s+)?(?:"
    r"(?:make|keep|take|write|put)\s+(?:me\s+)?(?:an?\s+|this\s+|it\s+)?(?:note|notes|down|in mind|in your notes)"
    r"(?:\s+(?:for yourself|of this|for me|to yourself))?"
    r"|(?:write|put|take) (?:this|it) down|keep (?:this |it )?in mind|bear (?:this |it )?in mind"
    r"|note(?: to yourself| down)?|save this|store (?:this|the following)"
    r"|remember(?:ing)?(?: this| it)?(?: for me)?|memori[sz]e|know|for later|take (?:down|note)|let it slip"
    r"|forget(?: about)?|delete|remove|erase|drop|discard|clear|unlearn|strike|throw away|let go of|need to remember"
    r")\s*(?:[:,-]|\bthat\b)?\s*",
    re.IGNORECASE,
)
_NOTE_ABOUT = re.compile(
    r"^(?:from your notes\s+)?(?:(?:what|all|everything|anything|the thing)\s+)?(?:(?:i|you|we)\s+(?:told|said"
    r"|noted|remembered?|mentioned|wrote)"
    r"(?:\s+(?:you|to you|down))?\s*)?(?:(?:the|your|my|that|this|any)\s+notes?\s*)?(?:about|on|of|regarding"
    r"|concerning|with|that)?\s*",
    re.IGNORECASE,
)


def noted(question: str) -> str:
    """Return what a question asks to keep in mind, or what a note to forget is about."""
    text = question.strip()
    forgets = re.search(
        r"\bforget|\bdelete|\bremove|\berase|\bdrop|\bdiscard|\bno longer|\bunlearn|\bclear\b", text, re.IGNORECASE
    )
    body = _NOTE_LEAD.sub("", text, count=1)
    if body == text:
        return ""
    if forgets and not re.match(r"\s*(?:please\s+)?(?:don't|do not|never)\s", text, re.IGNORECASE):
        body = _NOTE_ABOUT.sub("", body, count=1)
        body = re.sub(r"\s+(?:again|any ?more|any longer|please)\b", "", body, flags=re.IGNORECASE)
    return body.strip().rstrip(".!?").strip()
