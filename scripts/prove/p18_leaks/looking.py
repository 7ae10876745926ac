"""Looks for secrets where they must not be."""

import re
from collections.abc import Iterable
from pathlib import Path

from bson import ObjectId

from repositories.storage import Storage
from scripts.prove.p18_leaks.secrets import Answers, Secrets
from scripts.prove.promise import Proof
from scripts.prove.stored import OUTBOX, texts_in

_SHOWN = 12


def _pattern(secrets: Iterable[str]) -> re.Pattern[bytes]:
    """Finds any of them; six digits only where they are not a part of a longer number."""
    parts = [
        rb"(?<![0-9A-Za-z+])%s(?![0-9A-Za-z])" % secret.encode()
        if secret.isdecimal()
        else re.escape(secret.encode())
        for secret in sorted(secrets, key=len, reverse=True)
    ]
    return re.compile(b"|".join(parts))


def look_at_log(log: Path, secrets: Secrets, proof: Proof) -> int:
    """No secret at all; answers how many bytes were looked at."""
    content = log.read_bytes()
    for found in _pattern(secrets.all()).finditer(content):
        line = content[content.rfind(b"\n", 0, found.start()) + 1 : found.end()]
        proof.blame(f"the log has a secret at the end of {line!r}")
    return len(content)


def look_at_answers(answers: Answers, secrets: Secrets, proof: Proof) -> int:
    """No secret but the tokens that the very answer gives; answers how many bytes."""
    pattern = _pattern(secrets.all())
    for number, content in enumerate(answers.contents):
        for found in pattern.finditer(content):
            secret = found[0].decode()
            if number not in secrets.issued.get(secret, ()):
                proof.blame(f"answer {number} has {secret[:_SHOWN]}...: {content[:200]!r}")
    return sum(map(len, answers.contents))


def look_at_files(data_dir: Path, keeps: str, secrets: Secrets, proof: Proof) -> int:
    """No password, token or key as it is, but in the file that keeps the key; how many bytes.

    Messages that wait to go out hold codes and links: those are looked for in documents.
    """
    pattern = _pattern({*secrets.passwords, *secrets.issued, *secrets.settings})
    looked = 0
    for file in sorted(data_dir.iterdir()):
        if file.name != keeps:
            content = file.read_bytes()
            looked += len(content)
            for found in pattern.finditer(content):
                proof.blame(f"{file.name} holds {found[0][:_SHOWN]!r}...")
    return looked


async def look_at_documents(storage: Storage, secrets: Secrets, proof: Proof) -> None:
    """No code or link but in the messages that bring them."""
    for name in await storage.collection_names():
        if name != OUTBOX:
            async for document in storage[name].find({}):
                for text in secrets.mailed.intersection(texts_in(document)):
                    proof.blame(f"{name} holds {text[:_SHOWN]}...")


async def collect_hashes(storage: Storage, secrets: Secrets) -> None:
    """What is kept in the place of passwords, codes and tokens: nobody is to see that either."""
    for name in await storage.collection_names():
        async for document in storage[name].find({}):
            for field, value in document.items():
                if field.endswith("_hash") and value and not isinstance(value, ObjectId):
                    secrets.hashes.add(_as_text(value))


def _as_text(value: bytes | str) -> str:
    """A hash as it would show; bytes that are no text, as they are mostly written."""
    if isinstance(value, str):
        return value
    return value.decode() if value.isascii() else value.hex()
