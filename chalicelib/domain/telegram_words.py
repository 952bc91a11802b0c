"""What the bot says by itself, in English and Korean; the agent's answers are not among it."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.agent import Step
from chalicelib.domain.conversation import Entry
from chalicelib.domain.failure_words import explain

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "new": "Start a new conversation",
        "conversations": "Choose a conversation",
        "model": "Choose the model",
        "status": "What the agent is doing",
        "stop": "Stop the answer that is being written",
        "wake": "Wake the agent",
        "sleep": "Put the agent to sleep",
        "usage": "Messages, tokens and cost",
        "unlink": "Unlink this chat",
        "help": "What I can do",
    },
    "ko": {
        "new": "새 대화 시작",
        "conversations": "대화 고르기",
        "model": "모델 고르기",
        "status": "에이전트 상태 보기",
        "stop": "작성 중인 답변 멈추기",
        "wake": "에이전트 깨우기",
        "sleep": "에이전트 재우기",
        "usage": "메시지, 토큰, 비용",
        "unlink": "이 채팅 연결 끊기",
        "help": "할 수 있는 일",
    },
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "stranger": "This is somebody's private assistant. If it is yours, open the web page, "
        "choose Settings → Telegram, and send me the code you see there.",
        "wrong_code": "That code is not valid, or no longer. Make a new one on the web page.",
        "too_many": "Too many wrong codes. Try again tomorrow, or use the link on the web page.",
        "asked": "Almost there: confirm “{name}” on the web page.",
        "taken": "This chat is linked to another account. Send /unlink first.",
        "already": "This chat is linked already. Just write to me.",
        "linked": "Linked. Write to me as you would on the web page; /help shows what else I can do.",
        "help": "Write to me, or send a photo or a document.\n\n{commands}",
        "new": "A new conversation. What is it about?",
        "choose_conversation": "Which conversation?",
        "no_conversations": "There are no conversations yet. Just write.",
        "conversation": "Now in: {title}",
        "gone": "That is not there any more.",
        "choose_model": "Which model? Now: {model}",
        "model": "From the next message on: {model}",
        "idle": "asleep",
        "starting": "waking up",
        "running": "awake",
        "stopping": "falling asleep",
        "status": "Agent: {state}\nWaiting messages: {pending}\nModel: {model}\nConversation: {title}",
        "stopped": "Stopping.",
        "nothing_runs": "There is nothing to stop.",
        "waking": "The agent is waking up.",
        "awake": "The agent is awake.",
        "sleeping": "The agent goes to sleep.",
        "asleep": "The agent is asleep already.",
        "busy": "The agent is working on a message. Send /stop first.",
        "usage": "Today: {today}\nLast 30 days: {month}",
        "counts": "{messages} messages, {tokens} tokens, ${cost}",
        "behind": "Write the question behind it: /{name} …",
        "unknown": "I do not know /{name}, and have given nothing to the agent. A message that begins with a slash "
        "is a command; put a word before it. What I know:\n\n{commands}",
        "unlink": "Unlink this chat? I will answer here no more.",
        "asks": "The agent asks: may it run this?",
        "allow": "Allow once",
        "deny": "Deny",
        "allowed": "✅ Allowed:\n\n{command}",
        "denied": "❌ Denied:\n\n{command}",
        "unlink_yes": "Unlink",
        "unlinked": "Unlinked. The conversations stay on the web page.",
        "unreadable": "I cannot listen to or look at this yet. Text, photos and documents are fine.",
        "blank": "There is nothing to read in this message.",
        "too_long": "That is too long: {limit} characters at most. Send it as a document.",
        "edited": "I do not notice edits: send the corrected text as a new message.",
        "too_large": "{name} is too large: {limit} MB at most.",
        "too_fast": "⏳ That was a lot at once. Nothing is lost: the rest comes to the agent within a minute or two.",
        "not_taken": "This message was not taken: you have used up today's share. Send it again in {minutes} minutes.",
        "failed": "That did not work: {reason}",
        "from_web": "From the web page:",
        "cancelled": "⏹ Stopped.",
        "length": "✂️ Cut off at the model's limit. Write “go on” for the rest.",
        "declined": "🚫 The model declined to answer this. Ask in another way.",
        "broken": "⚠️ The answer broke off here.",
        "file_refused": "{name} could not be handed over: files of this kind are not.",
        "file_missing": "{name} could not be handed over: it is not there.",
        "file_lost": "A file could not be handed over.",
        "file_too_large": "{name} could not be handed over: it has more than {limit} MB.",
        "file_too_many": "{name} was not handed over: {most} files at most come with one answer.",
        "file_not_here": "📎 {name} could not be sent here. Look for it on the web page.",
        "silence": "(The answer is empty.)",
        "queued": "💤 Waking up …{eta}",
        "container": "📦 The machine is there …",
        "gateway": "⚙️ OpenClaw starts …",
        "workspace": "🗂 Opening your workspace …",
        "ready": "💭 …",
        "eta": " about {seconds} s",
        "halted": "⛔ Stopped: you have stopped everything on the web page. Your message is kept, and answered when "
        "you let the agent work again.",
        "halted_all": "⛔ Stopped: everything is, for now. Your message is kept, and answered afterwards.",
        "starts_spent": "⏳ The agent was started too often within an hour. Your message is kept, and answered as "
        "soon as it may start again.",
        "no_machine": "⏳ AWS has no machine free at the moment. Your message is kept, and I try again every minute.",
    },
    "ko": {
        "stranger": "이것은 누군가의 개인 비서입니다. 본인의 것이라면 웹 페이지에서 설정 → Telegram을 열고 "
        "거기 나온 코드를 보내 주세요.",
        "wrong_code": "코드가 맞지 않거나 만료되었습니다. 웹 페이지에서 새 코드를 만들어 주세요.",
        "too_many": "틀린 코드가 너무 많습니다. 내일 다시 시도하거나 웹 페이지의 링크를 사용해 주세요.",
        "asked": "거의 다 되었습니다. 웹 페이지에서 “{name}”을(를) 확인해 주세요.",
        "taken": "이 채팅은 다른 계정에 연결되어 있습니다. 먼저 /unlink 를 보내 주세요.",
        "already": "이미 연결된 채팅입니다. 그냥 말씀하세요.",
        "linked": "연결되었습니다. 웹 페이지에서처럼 말씀하세요. /help 에서 다른 기능을 볼 수 있습니다.",
        "help": "메시지나 사진, 문서를 보내 주세요.\n\n{commands}",
        "new": "새 대화입니다. 무엇을 도와드릴까요?",
        "choose_conversation": "어느 대화로 갈까요?",
        "no_conversations": "아직 대화가 없습니다. 그냥 말씀하세요.",
        "conversation": "지금 대화: {title}",
        "gone": "더 이상 없는 항목입니다.",
        "choose_model": "어느 모델로 할까요? 지금: {model}",
        "model": "다음 메시지부터: {model}",
        "idle": "자는 중",
        "starting": "깨어나는 중",
        "running": "깨어 있음",
        "stopping": "잠드는 중",
        "status": "에이전트: {state}\n기다리는 메시지: {pending}\n모델: {model}\n대화: {title}",
        "stopped": "멈추는 중입니다.",
        "nothing_runs": "멈출 것이 없습니다.",
        "waking": "에이전트가 깨어나는 중입니다.",
        "awake": "에이전트가 깨어 있습니다.",
        "sleeping": "에이전트가 잠듭니다.",
        "asleep": "에이전트는 이미 자고 있습니다.",
        "busy": "에이전트가 답변을 작성하고 있습니다. 먼저 /stop 을 보내 주세요.",
        "usage": "오늘: {today}\n최근 30일: {month}",
        "counts": "메시지 {messages}개, 토큰 {tokens}개, ${cost}",
        "behind": "뒤에 질문을 적어 주세요: /{name} …",
        "unknown": "/{name} 은(는) 모르는 명령이라 에이전트에게 전하지 않았습니다. 빗금으로 시작하면 명령이니 "
        "앞에 말을 붙여 주세요. 제가 아는 명령:\n\n{commands}",
        "unlink": "이 채팅의 연결을 끊을까요? 더 이상 여기서 답하지 않습니다.",
        "asks": "에이전트가 묻습니다: 이 명령을 실행해도 될까요?",
        "allow": "한 번 허용",
        "deny": "거부",
        "allowed": "✅ 허용함:\n\n{command}",
        "denied": "❌ 거부함:\n\n{command}",
        "unlink_yes": "연결 끊기",
        "unlinked": "연결을 끊었습니다. 대화는 웹 페이지에 남아 있습니다.",
        "unreadable": "아직 이 형식은 듣거나 볼 수 없습니다. 글, 사진, 문서는 괜찮습니다.",
        "blank": "이 메시지에는 읽을 것이 없습니다.",
        "too_long": "너무 깁니다. 최대 {limit}자입니다. 문서로 보내 주세요.",
        "edited": "수정된 메시지는 알아채지 못합니다. 고친 내용을 새 메시지로 보내 주세요.",
        "too_large": "{name} 파일이 너무 큽니다. 최대 {limit} MB입니다.",
        "too_fast": "⏳ 한꺼번에 너무 많이 보내셨습니다. 잃는 것은 없고, 나머지는 1~2분 안에 에이전트에게 전해집니다.",
        "not_taken": "이 메시지는 받지 못했습니다. 오늘 쓸 수 있는 양을 다 썼습니다. "
        "{minutes}분 뒤에 다시 보내 주세요.",
        "failed": "되지 않았습니다: {reason}",
        "from_web": "웹 페이지에서:",
        "cancelled": "⏹ 멈췄습니다.",
        "length": "✂️ 모델의 한도에서 잘렸습니다. 나머지는 “계속”이라고 써 주세요.",
        "declined": "🚫 모델이 이 요청에 답하기를 거절했습니다. 다르게 물어보세요.",
        "broken": "⚠️ 답변이 여기서 끊겼습니다.",
        "file_refused": "{name} 파일을 전달하지 못했습니다. 이 형식은 전달할 수 없습니다.",
        "file_missing": "{name} 파일을 전달하지 못했습니다. 파일이 없습니다.",
        "file_lost": "파일 하나를 전달하지 못했습니다.",
        "file_too_large": "{name} 파일을 전달하지 못했습니다. {limit} MB를 넘습니다.",
        "file_too_many": "{name} 파일은 전달하지 않았습니다. 답변 하나에 파일은 최대 {most}개입니다.",
        "file_not_here": "📎 {name} 파일을 여기로 보내지 못했습니다. 웹 페이지에서 확인해 보세요.",
        "silence": "(빈 답변입니다.)",
        "queued": "💤 깨우는 중 …{eta}",
        "container": "📦 머신이 준비되었습니다 …",
        "gateway": "⚙️ OpenClaw 시작 중 …",
        "workspace": "🗂 작업 공간을 여는 중 …",
        "ready": "💭 …",
        "eta": " 약 {seconds}초",
        "halted": "⛔ 정지: 웹 페이지에서 모두 정지하셨습니다. 메시지는 보관되며, 다시 일하게 하시면 답합니다.",
        "halted_all": "⛔ 정지: 지금은 모두 정지되어 있습니다. 메시지는 보관되며 나중에 답합니다.",
        "starts_spent": "⏳ 한 시간 동안 에이전트를 너무 자주 시작했습니다. 메시지는 보관되며 "
        "다시 시작할 수 있게 되면 답합니다.",
        "no_machine": "⏳ 지금 AWS에 빈 머신이 없습니다. 메시지는 보관되며 매분 다시 시도합니다.",
    },
}


def say(language: str, key: str, **facts: object) -> str:
    return WORDS.get(language, WORDS["en"])[key].format(**facts)


def warn(notice: Entry, language: str) -> str:
    """A notice, in the language of the chat."""
    return f"⚠️ {explain(language, notice.error_key, notice.error_params, notice.text)}"


def step(language: str, reached: Step | None, seconds: float | None = None) -> str:
    """The one line that stands where the answer will be."""
    eta = say(language, "eta", seconds=round(seconds)) if seconds else ""
    return say(language, (reached or Step.QUEUED).value, eta=eta)


def summary(language: str) -> str:
    """All commands, for /help."""
    return "\n".join(f"/{name}: {what}" for name, what in COMMANDS[language].items())
