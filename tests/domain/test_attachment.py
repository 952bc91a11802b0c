"""What may be uploaded, under which name, and where it lies."""

import pytest

from chalicelib.domain.attachment import UPLOADS, File, clean_name, is_text, upload, upload_key
from chalicelib.domain.lengths import TEXT_BYTES
from chalicelib.errors import InvalidMessage, MessageTooLarge


def test_a_text_of_400_kb_may_be_uploaded_and_no_more() -> None:
    assert upload("1", "log.txt", "text/plain", TEXT_BYTES) == File("1", "log.txt", "text/plain", TEXT_BYTES)
    with pytest.raises(MessageTooLarge, match=r"log\.txt has 401 KB, at most 400 KB can be attached"):
        upload("1", "log.txt", "text/plain", TEXT_BYTES + 1)


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "text/html", "", "text/plainer", "x" * 500])
def test_only_the_types_of_the_table_may_be_uploaded(kind: str) -> None:
    with pytest.raises(InvalidMessage, match="cannot be attached; possible: text/plain") as caught:
        upload("1", "a", kind, 5)
    assert len(str(caught.value)) < 200


def test_a_type_may_name_its_charset() -> None:
    assert upload("1", "a", "Text/Plain; charset=utf-8", 5).mime_type == "text/plain"
    assert "text/plain" in UPLOADS


@pytest.mark.parametrize("size", [0, -5])
def test_nothing_is_no_file(size: int) -> None:
    with pytest.raises(InvalidMessage, match=r"log\.txt is empty"):
        upload("1", "log.txt", "text/plain", size)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("로그.txt", "로그.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("a\\b\r\nc\0d", "a_b_c_d"),
        ("  ", "text.txt"),
        ("", "text.txt"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_is_a_name_and_no_path(name: str, kept: str) -> None:
    assert clean_name(name) == kept


def test_an_id_leads_into_nobody_elses_keys() -> None:
    assert upload_key("ada", "1") == "users/ada/uploads/1"
    for user, id in (("ada/..", "1"), ("ada", "../../bob/uploads/1")):
        with pytest.raises(AssertionError):
            upload_key(user, id)


@pytest.mark.parametrize(
    ("content", "text"), [(b"log", True), ("한글".encode(), True), (b"\xff\xfe", False), (b"a\0b", False)]
)
def test_a_text_is_utf_8_without_nul(content: bytes, text: bool) -> None:
    assert is_text(content) is text
