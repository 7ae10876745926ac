"""The two forms in which a request names what it wants (RFC 9112, section 3.2)."""

from urllib.parse import urlsplit

from tornado.httputil import HTTPHeaders, RequestStartLine

_SCHEMES = ("http://", "https://")


def as_origin_form(start_line: RequestStartLine, headers: HTTPHeaders) -> RequestStartLine:
    """The line of a request with a path alone, where a whole URL was asked for, as by proxies.

    The URL's host then takes the place of the one in `headers`. A URL that can't be read stays
    as it is, and nothing is served there.
    """
    target = start_line.path
    if target.startswith("/") or not target.lower().startswith(_SCHEMES):
        return start_line
    try:
        url = urlsplit(target)
    except ValueError:
        return start_line
    if not url.netloc or "@" in url.netloc:
        return start_line
    headers["Host"] = url.netloc
    query = f"?{url.query}" if url.query else ""
    return start_line._replace(path=(url.path or "/") + query)
