"""Looking for secrets: what is one where it stands, and what is not."""

import pytest

from scripts.prove.p18_leaks.looking import look_at_answers, look_at_files, look_at_log
from scripts.prove.p18_leaks.secrets import Answers, Secrets
from scripts.prove.promise import Proof


@pytest.fixture
def secrets() -> Secrets:
    """One of each kind."""
    return Secrets(
        passwords={"a-password"},
        mailed={"123456", "link-token"},
        settings={"the-key"},
        hashes={"$2b$04$hash"},
    )


@pytest.mark.parametrize("secret", ["a-password", "code 123456.", "link-token", "$2b$04$hash"])
def test_a_secret_in_the_log_is_found(tmp_path, secrets, secret):
    log, proof = tmp_path / "log", Proof()
    log.write_text(f"a line\nsigned in with {secret}\n")
    look_at_log(log, secrets, proof)
    assert proof.broken == 1


def test_six_digits_of_a_longer_number_are_no_code(tmp_path, secrets):
    log, proof = tmp_path / "log", Proof()
    log.write_text("number 91234567, id a123456f\n")
    assert look_at_log(log, secrets, proof) == 29
    assert proof.has_held


def test_a_token_may_stand_in_the_answer_that_gives_it_and_in_no_other(secrets):
    answers, proof = Answers(secrets), Proof()
    answers.add(b'{"data": {"access_token": "abc.def"}}')
    answers.add(b'{"error": {"message": "the access token was abc.def"}}')
    answers.add(b'{"name": "$2b$04$hash"}')
    look_at_answers(answers, secrets, proof)
    assert proof.broken == 2


def test_a_key_is_found_in_every_file_but_its_own(tmp_path, secrets):
    proof = Proof()
    (tmp_path / "key").write_bytes(b"the-key")
    (tmp_path / "store-wal").write_bytes(b"\x00\x01the-key\x02 and 123456 in a message")
    look_at_files(tmp_path, "key", secrets, proof)
    assert proof.examples == ["store-wal holds b'the-key'..."]
