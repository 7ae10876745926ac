"""Looks for secrets where they must not be."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from bson import ObjectId

from repositories.storage import Storage
from scripts.prove.p18_leaks.secrets import Answers, Secrets
from scripts.prove.promise import Proof
from scripts.prove.stored import OUTBOX, texts_in

_SHOWN = 12


def _found(secrets: Iterable[bytes], content: bytes) -> Iterator[bytes]:
    """Those that stand in a content; six digits only where they are no part of a longer number."""
    for secret in secrets:
        if secret in content and (not secret.isdigit() or _stands_alone(secret, content)):
            yield secret


def _stands_alone(digits: bytes, content: bytes) -> bool:
    return re.search(rb"(?<![0-9A-Za-z+])%s(?![0-9A-Za-z])" % digits, content) is not None


def _encoded(secrets: Iterable[str]) -> list[bytes]:
    return [secret.encode() for secret in secrets]


def look_at_log(log: Path, secrets: Secrets, proof: Proof) -> int:
    """No secret at all; answers how many bytes were looked at."""
    content = log.read_bytes()
    for secret in _found(_encoded(secrets.all()), content):
        at = content.index(secret)
        line = content[content.rfind(b"\n", 0, at) + 1 : at + len(secret)]
        proof.blame(f"the log has a secret at the end of {line!r}")
    return len(content)


def look_at_answers(answers: Answers, secrets: Secrets, proof: Proof) -> int:
    """No secret but the tokens that the very answer gives; answers how many bytes."""
    numbers: dict[bytes, list[int]] = defaultdict(list)
    for number, content in enumerate(answers.contents):
        numbers[content].append(number)
    encoded = _encoded(secrets.all())
    for content, same in numbers.items():
        for secret in _found(encoded, content):
            if not secrets.issued.get(secret.decode(), set()).issuperset(same):
                proof.blame(f"answer {same[0]} has {secret[:_SHOWN]!r}...: {content[:200]!r}")
    return sum(map(len, answers.contents))


def look_at_files(data_dir: Path, keeps: str, secrets: Secrets, proof: Proof) -> int:
    """No password, token or key as it is, but in the file that keeps the key; how many bytes.

    Messages that wait to go out hold codes and links: those are looked for in documents.
    """
    encoded = _encoded({*secrets.passwords, *secrets.issued, *secrets.settings})
    looked = 0
    for file in sorted(data_dir.iterdir()):
        if file.name != keeps:
            content = file.read_bytes()
            looked += len(content)
            for secret in _found(encoded, content):
                proof.blame(f"{file.name} holds {secret[:_SHOWN]!r}...")
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
