"""Where messages may go: what counts as an email address, and in which spelling it is kept."""

import email_validator

from services.errors import Invalid

# The library refuses names such as `localhost` and `test`, which only a DNS
# look-up would miss. We make none, and an intranet may well use `.local`.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_MAX_LENGTH = 254


class InvalidEmail(Invalid):
    """What was given is not an email address we can send to."""

    code = "invalid_email"


def parse_email(text: str) -> str:
    """The one spelling of an email address: trimmed, lower case, ASCII.

    Mail goes to exactly this string, so it holds nothing that an SMTP client
    would have to quote, shorten or encode: no quoted local part, no comment, no
    display name, no control character, at most 254 characters (RFC 5321, section
    4.5.3.1.3). An internationalised domain is kept in its `xn--` form (RFC 5891);
    a local part outside ASCII is refused, as it needs SMTPUTF8 on every hop.

    Raises `InvalidEmail` with the reason.
    """
    trimmed = text.strip()
    # The library reads all of a text, for up to a second a megabyte, before it counts it.
    if len(trimmed) > _MAX_LENGTH:
        raise InvalidEmail(f"Invalid email address. It has more than {_MAX_LENGTH} characters.")
    try:
        valid = email_validator.validate_email(
            trimmed,
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
            strict=True,
        )
    except email_validator.EmailNotValidError as error:
        raise InvalidEmail(f"Invalid email address. {error}") from None
    domain = valid.ascii_domain.lower()
    if not _is_host_name(domain):
        raise InvalidEmail(
            "Invalid email address. The part after the @-sign should be a full domain name."
        )
    return f"{valid.ascii_local_part}@{domain}".lower()


def _is_host_name(domain: str) -> bool:
    """A name with a dot and a last label that is no number, or this machine."""
    last_label = domain.rpartition(".")[2]
    return domain == "localhost" or ("." in domain and not last_label.isdigit())
