"""Tokens: signed access tokens, and opaque ones of which only the hash is stored."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from bson import ObjectId

from services.clock import Clock

ACCESS_LIFETIME = timedelta(minutes=15)
_ALGORITHM = "HS256"
_ACCESS = "access"
_REMEMBERED = 20_000


class BadToken(Exception):
    """The token is not one of ours, or not for this purpose."""


class ExpiredToken(BadToken):
    """The token was one of ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose it is and of which session. Nothing about rights."""

    user_id: ObjectId
    session_id: ObjectId
    expires_at: datetime


class TokenSigner:
    """Signs and verifies JSON Web Tokens, each for one purpose (CONTRACT section 3)."""

    def __init__(self, secret: str, clock: Clock):
        self._secret = secret.encode()
        self._clock = clock
        # Verifying takes 30 us, remembering 1: bounded, and never beyond a token's own time.
        self._verified: OrderedDict[str, AccessClaims] = OrderedDict()

    def sign(self, purpose: str, subject: ObjectId, lifetime: timedelta, **claims: str) -> str:
        """A token about `subject` for `purpose`, good for `lifetime`."""
        now = self._clock()
        payload = {
            **claims,
            "sub": str(subject),
            "purpose": purpose,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def verify(self, purpose: str, token: str) -> dict[str, Any]:
        """The claims of a token. Raises BadToken, and ExpiredToken when only its time is over."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                # The time is checked below, by our clock and on an integer: PyJWT takes text too.
                options={
                    "require": ["exp", "iat", "sub", "purpose"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError) as problem:
            raise BadToken(str(problem)) from None
        if claims["purpose"] != purpose or type(claims["exp"]) is not int:
            raise BadToken("The token is for another purpose.")
        if not ObjectId.is_valid(claims["sub"]):
            raise BadToken("The token names nobody.")
        if claims["exp"] <= self._clock().timestamp():
            raise ExpiredToken("The token has expired.")
        return claims

    def sign_access(self, user_id: ObjectId, session_id: ObjectId) -> tuple[str, datetime]:
        """An access token and when it expires."""
        expires_at = self._clock().replace(microsecond=0) + ACCESS_LIFETIME
        token = self.sign(_ACCESS, user_id, ACCESS_LIFETIME, sid=str(session_id))
        return token, expires_at

    def verify_access(self, token: str) -> AccessClaims:
        """What an access token says. Raises BadToken."""
        remembered = self._verified.get(token)
        if remembered is not None:
            if remembered.expires_at > self._clock():
                return remembered
            del self._verified[token]
            raise ExpiredToken("The token has expired.")
        claims = self.verify(_ACCESS, token)
        session_id = claims.get("sid")
        if not isinstance(session_id, str) or not ObjectId.is_valid(session_id):
            raise BadToken("The token names no session.")
        verified = AccessClaims(
            ObjectId(claims["sub"]),
            ObjectId(session_id),
            datetime.fromtimestamp(claims["exp"], UTC),
        )
        self._verified[token] = verified
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)
        return verified


def new_opaque() -> str:
    """A token of 256 random bits that means nothing to whoever reads it."""
    return secrets.token_urlsafe(32)


def opaque_hash(token: str) -> bytes:
    """What is stored of an opaque token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class CodeHasher:
    """Hashes six-digit codes, with a key, as a plain hash of so few digits is soon guessed."""

    def __init__(self, secret: str):
        self._key = hashlib.sha256(b"codes:" + secret.encode()).digest()

    def hash(self, request_id: ObjectId, code: str) -> bytes:
        """What is stored of a code sent for one request."""
        message = request_id.binary + code.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).digest()


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"
