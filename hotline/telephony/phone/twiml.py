"""Reading TwiML as Twilio reads it: what cannot be parsed is an error, what is unknown a warning.

Sources: https://www.twilio.com/docs/voice/twiml, https://www.twilio.com/docs/api/errors/12100 (document
cannot be parsed: an error), /12102 (the root must be ``<Response>``), /12200 (misspelled verbs, unknown
attributes, unexpected nesting: a warning; what is unknown is passed over), /12300 (content type).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from hotline.telephony.phone.wire import Answer

PARSE_FAILED: Final = 12100
WRONG_ROOT: Final = 12102
SCHEMA_WARNING: Final = 12200
WRONG_CONTENT_TYPE: Final = 12300

LONGEST_PARAMETER: Final = 500
"""Characters of a ``<Parameter>``'s name and value together (https://www.twilio.com/docs/voice/twiml/stream)."""

_SPOKEN = frozenset({"Say", "Play", "Pause"})
_VERBS = frozenset(
    {"Connect", "Dial", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Play", "Redirect", "Reject", "Say"}
)
_PROGRESS = frozenset({"statusCallback", "statusCallbackMethod", "statusCallbackEvent"})
_REQUEST = frozenset({"action", "method"})

_NESTED: Final[dict[str, frozenset[str]]] = {
    "Response": _VERBS,
    "Gather": _SPOKEN,
    "Connect": frozenset({"Stream"}),
    "Stream": frozenset({"Parameter"}),
    "Dial": frozenset({"Number", "Client"}),
}
"""What may stand in what. Only what the telephone knows how to do; Twilio knows more."""

_ATTRIBUTES: Final[dict[str, frozenset[str]]] = {
    "Response": frozenset(),
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
    "Leave": frozenset(),
    "Reject": frozenset({"reason"}),
    "Gather": _REQUEST
    | {"input", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult", "language"}
    | {"hints", "profanityFilter", "speechTimeout", "speechModel", "enhanced", "bargeIn", "debug"}
    | {"partialResultCallback", "partialResultCallbackMethod"},
    "Connect": _REQUEST,
    "Stream": frozenset({"url", "name", "track", "statusCallback", "statusCallbackMethod"}),
    "Parameter": frozenset({"name", "value"}),
    "Dial": _REQUEST
    | {"timeout", "hangupOnStar", "timeLimit", "callerId", "answerOnBridge", "callReason", "ringTone"}
    | {"record", "recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}
    | {"recordingTrack", "trim", "referUrl", "referMethod", "sequential", "events"},
    "Number": _PROGRESS
    | {"url", "method", "sendDigits", "byoc", "machineDetection", "machineDetectionTimeout"}
    | {"machineDetectionSpeechThreshold", "machineDetectionSpeechEndThreshold"}
    | {"machineDetectionSilenceTimeout", "amdStatusCallback", "amdStatusCallbackMethod"},
    "Client": _PROGRESS | {"url", "method"},
    "Enqueue": _REQUEST | {"waitUrl", "waitUrlMethod", "workflowSid"},
}
"""The documented attributes, from each verb's page below https://www.twilio.com/docs/voice/twiml."""


class TwimlError(Exception):
    """An answer that is no TwiML. ``code`` is Twilio's error code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


@dataclass(frozen=True)
class Verb:
    """An element: its name, attributes, text (of all that is in it) and known elements within."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple[Verb, ...] = ()

    def get(self, attribute: str, default: str = "") -> str:
        """Return an attribute, or ``default`` where it is not set."""
        return self.attributes.get(attribute, default)

    def number(self, attribute: str, default: int) -> int:
        """Return an attribute that is a number, or ``default`` where it is not set or is none."""
        value = self.get(attribute)
        return int(value) if value.isdigit() else default


@dataclass(frozen=True)
class Document:
    """The verbs of a ``<Response>``, and the warnings (12200) about what is not TwiML in it."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...]


def read(answer: Answer) -> Document:
    """Read an answer by its content type, as https://www.twilio.com/docs/voice/twiml says.

    XML (and HTML) is TwiML, audio is played, plain text is read to the caller.

    :raises TwimlError: if it is none of these, or no TwiML.
    """
    if answer.content_type.startswith("audio/"):
        return Document((Verb("Play", text=answer.url),), ())
    if answer.content_type == "text/plain":
        return Document((Verb("Say", text=answer.body.decode("utf-8", "replace")),), ())
    if answer.content_type not in {"text/xml", "application/xml", "text/html"}:
        raise TwimlError(WRONG_CONTENT_TYPE, f"content type {answer.content_type or 'missing'}")
    return parse(answer.body)


def parse(body: bytes) -> Document:
    """Parse a TwiML document.

    :raises TwimlError: if it is not XML (12100) or its root is not ``<Response>`` (12102).
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  # it comes from the hotline that is being called
    except ElementTree.ParseError as error:
        raise TwimlError(PARSE_FAILED, str(error)) from error
    if root.tag != "Response":
        raise TwimlError(WRONG_ROOT, f"the root is <{root.tag}>, not <Response>")
    warnings: list[str] = []
    return Document(_verb(root, warnings).children, tuple(warnings))


def _verb(element: ElementTree.Element, warnings: list[str]) -> Verb:
    name = element.tag
    warnings.extend(
        f"<{name}> has no attribute {attribute!r}"
        for attribute in sorted(element.attrib.keys() - _ATTRIBUTES[name])
    )
    allowed = _NESTED.get(name, frozenset())
    children = []
    for child in element:
        if child.tag in allowed:
            children.append(_verb(child, warnings))
        elif (
            name != "Say"
        ):  # SSML within <Say> (https://www.twilio.com/docs/voice/twiml/say/text-speech) is spoken
            warnings.append(f"<{child.tag}> is unknown within <{name}>")
    if name == "Parameter" and len(element.get("name", "") + element.get("value", "")) > LONGEST_PARAMETER:
        warnings.append(f"<Parameter> {element.get('name')!r} is longer than {LONGEST_PARAMETER} characters")
    text = " ".join("".join(element.itertext()).split()) if not children else ""
    return Verb(name, dict(element.attrib), text, tuple(children))
