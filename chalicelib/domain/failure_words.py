"""What a failure is told by in the reader's language: the English of failure_kinds.py, and Korean.

The page has the same words in frontend/src/words/failures.ts; `tests/golden/failures.json` freezes both.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.failure_kinds import KINDS, UNNAMED, fill

UNNAMED_IN = {"en": UNNAMED, "ko": "모델 제공자"}
NO_START = "에이전트를 세 번 연속 시작하지 못해 이 메시지에 답하지 못했습니다. 몇 분 뒤에 다시 보내세요."
NO_RESTORE = "에이전트를 시작하지 못해 답하지 못했습니다."

KOREAN: Mapping[str, str] = {
    "model_auth.locked_out": "{Model}에서 방금 API 키를 거부했습니다. 키를 고치고 1분 뒤에 다시 보내세요.",
    "model_auth.no_credit": "{Model} 계정에 남은 크레딧이 없어 답을 받지 못했습니다. 충전하거나 다른 모델을 "
    "선택하세요.",
    "model_auth.allowance_spent": "모델에 쓸 한도를 모두 써서 {model}에 묻지 않았습니다. 한도를 정한 사람이 올릴 수 "
    "있습니다. 그런 다음 다시 보내세요.",
    "model_auth.key_missing": "{model}에 쓸 API 키가 없습니다. 키를 설정하고 에이전트를 다시 시작하거나 다른 모델을 "
    "선택하세요.",
    "model_auth.key_refused": "{Model}에서 API 키를 거부했습니다. 키가 유효하고 이 모델을 쓸 수 있는지 확인한 뒤 다시 "
    "보내세요.",
    "model_error.context_full": "이 대화가 {model}에는 너무 길어졌습니다. 새 대화를 시작하거나 더 많이 읽는 모델을 "
    "선택하세요.",
    "model_error.model_unknown": "{Model}: 없는 모델이거나 이 계정에서 쓸 수 없습니다. 설정에서 다른 모델을 "
    "선택하세요.",
    "model_error.overloaded": "{Model}에 지금 요청이 몰려 있습니다. 1분 뒤에 다시 보내세요.",
    "rate_limited.provider": "{Model}에서 지금은 요청을 더 받지 않습니다. 1분 뒤에 다시 보내세요.",
    "interrupted.aborted": "에이전트가 답을 마치기 전에 중단되었습니다. 다시 보내세요.",
    "model_error.provider_failed": "{Model}에서 자체 오류를 알려 왔습니다. 대개 곧 풀리니 다시 보내세요.",
    "model_error.connection_lost": "답을 받는 도중에 {model} 연결이 끊겼습니다. 다시 보내세요.",
    "model_error.request_refused": "{Model}에서 이 요청을 받지 않습니다. 다르게 써 보거나 다른 모델을 선택하세요.",
    "model_error.other": "{Model}에서 답을 받지 못했습니다. 다시 보내 보고, 그래도 안 되면 새 대화를 시작하세요.",
    "agent_unavailable.unreachable": "에이전트에 연결하지 못해 다시 시작하는 중입니다. 다시 보내세요.",
    "interrupted.hung": "에이전트가 응답하지 않아 다시 시작하는 중입니다. 다시 보내세요.",
    "interrupted.stopped": "답하는 도중에 에이전트가 멈췄습니다. 다시 보내세요.",
    "interrupted.crashes": "이 메시지 때문에 에이전트가 거듭 중단되었습니다. 다른 방식으로 해 보세요.",
    "interrupted.looping": "에이전트가 같은 단계를 거듭 되풀이해서 멈췄습니다. 다르게 써 보세요.",
    "interrupted.too_many_steps": "에이전트를 멈췄습니다. 도구를 {count}번 썼고, 답변 하나에 그보다 더 쓸 수는 "
    "없습니다.",
    "interrupted.too_long": "에이전트를 {minutes}분 만에 멈췄습니다. 답변 하나에 걸릴 수 있는 가장 긴 시간입니다.",
    "interrupted.set_aside": "에이전트가 이 메시지를 처리하다 세 번 중단되어 메시지를 따로 두었습니다. 더 작은 단계로 "
    "나누어 다시 보내 보세요.",
    "agent_unavailable.no_start": NO_START,
    "agent_unavailable.backup_damaged": f"{NO_RESTORE} 최신 백업이 손상되었습니다. 시작하거나 덮어쓴 것은 없습니다. "
    "이전 백업을 고르세요.",
    "agent_unavailable.backup_unreadable": f"{NO_START} 지금은 백업을 읽을 수 없어 시작하거나 덮어쓴 것은 없습니다.",
    "agent_unavailable.restore_no_room": f"{NO_RESTORE} 최신 백업이 기기의 디스크에 들어가지 않습니다. 시작하거나 "
    "덮어쓴 것은 없습니다. 이전 백업을 고르거나 디스크를 늘리세요.",
    "agent_unavailable.restore_bad_name": f"{NO_RESTORE} 최신 백업에 이 기기의 디스크가 받지 않는 파일 이름이 "
    "있습니다. 시작하거나 덮어쓴 것은 없습니다. 이전 백업을 고르세요.",
    "agent_unavailable.restore_refused": f"{NO_RESTORE} 백업은 온전하지만 기기의 디스크가 받지 않았습니다. 시작하거나 "
    "덮어쓴 것은 없습니다. 이전 백업을 고르거나 메시지를 보내 다시 시도하세요.",
    "agent_unavailable.start_refused": f"{NO_RESTORE} AWS에서 기기를 시작해 주지 않습니다: {{reason}}",
    "invalid_message.refused": "에이전트가 이 메시지를 받지 않습니다. 고쳐서 다시 보내세요.",
    "invalid_message.file_not_text": "{name}: 읽을 수 있는 글이 아닙니다. UTF-8로 첨부하세요.",
    "not_found.file": "{name}: 더 이상 저장되어 있지 않습니다. 다시 첨부하세요.",
    "too_large.file": "{name} 파일이 너무 큽니다. 최대 {limit} MB입니다.",
    "interrupted.file_not_stored": "{name}: 지금은 저장소에서 가져오지 못했습니다. 메시지를 다시 보내세요.",
    "interrupted.file_not_sent": "Telegram에서 파일을 가져오지 못했습니다. 다시 보내 주세요.",
    "internal.not_kept": "에이전트가 답했지만 답을 저장하지 못했습니다. 더 작은 단계로 나누어 메시지를 다시 "
    "보내 보세요.",
    "internal.fault": "저희 쪽에서 문제가 생겼습니다. 메시지를 다시 보내세요.",
}


def explain(language: str, key: str | None, params: Mapping[str, str], text: str = "") -> str:
    """Why there is no answer, or not all of it; `text` where the key says nothing to this version."""
    kind = KINDS.get(key or "")
    if key is None or kind is None:
        return text
    words = KOREAN[key] if language == "ko" else kind.text
    try:
        return fill(words, params, UNNAMED_IN.get(language, UNNAMED))
    except KeyError:  # another version names other parameters
        return text
