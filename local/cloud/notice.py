"""Small pages in English and Korean for whoever is not let in: what this is, and the way in."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from local.web import answer, refuse_plainly

WORDS = {
    "sign_in": (
        "This agent lets its owner in",
        "Open the address that <code>make run</code> printed in its terminal, after “Ready:”. It is good for one "
        "sign-in; the file <code>.local/address</code> always has the next one.",
        "이 에이전트는 주인만 사용할 수 있습니다. <code>make run</code>을 실행한 터미널에서 “Ready:” 뒤에 나온 주소를 "
        "여세요. 주소는 로그인할 때 한 번만 쓸 수 있고, 다음 주소는 <code>.local/address</code> 파일에 있습니다.",
    ),
    "elsewhere": (
        "You come from another page",
        "Another web page has sent your browser here, and it may not ask anything of your agent. If you want to go on:",
        "다른 웹 페이지가 브라우저를 이곳으로 보냈습니다. 다른 페이지는 에이전트에 아무것도 요청할 수 없습니다. "
        "계속하려면:",
    ),
}
LINK = '<p><a href="/">Go to the chat · <span lang="ko">대화로 가기</span></a></p>'
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · OpenClaw</title><link rel="stylesheet" href="/404.css"></head>
<body><main><h1>{title}</h1><p>{english}</p><p lang="ko">{korean}</p>{link}</main></body>
</html>
"""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def answer_notice(start: StartResponse, kind: str) -> Iterable[bytes]:
    title, english, korean = WORDS[kind]
    link = LINK if kind == "elsewhere" else ""
    page = PAGE.format(title=title, english=english, korean=korean, link=link)
    return answer(start, 403, page.encode(), HEADERS)


def refuse(environ: WSGIEnvironment, start: StartResponse, reason: str) -> Iterable[bytes]:
    """A person who was sent here reads how to go on; a program reads the reason."""
    if environ.get("HTTP_SEC_FETCH_MODE") == "navigate" and environ.get("HTTP_SEC_FETCH_DEST") == "document":
        return answer_notice(start, "elsewhere")
    return refuse_plainly(environ, start, reason)
