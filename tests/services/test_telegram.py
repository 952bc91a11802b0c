import json

import pytest

from chalicelib.domain.inbox import Delivery
from chalicelib.domain.telegram import SECRET
from chalicelib.errors import AgentUnavailable, ChatBusy, ChatGone, NotAllowed
from tests.fakes.values import NOTICE, TALK
from tests.fakes.world import USER, World
from tests.services.telegram_scenes import PHONE, Phone


@pytest.fixture
def phone(world: World) -> Phone:
    """Paired, and the agent sleeps."""
    phone = Phone(world)
    phone.pair()
    return phone


def texts(world: World) -> list[str]:
    return [message.text for message in world.inbox.pending(USER)]


def test_a_message_is_accepted_and_wakes_the_agent(world: World, phone: Phone) -> None:
    phone.say("Hello")

    (message,) = world.inbox.pending(USER)
    assert (message.text, message.channel, message.reply_to) == ("Hello", "telegram", str(PHONE))
    assert list(world.tasks.tasks) == ["task/ada/1"]


def test_what_is_said_in_telegram_is_in_the_web_at_once(world: World, phone: Phone) -> None:
    phone.say("Hello")

    entry = world.push.last("laptop", "message")
    assert (entry["text"], entry["channel"], entry["status"]) == ("Hello", "telegram", "pending")


def test_the_same_update_twice_is_one_message(world: World, phone: Phone) -> None:
    update = phone.say("Hello")
    phone.deliver(update)
    world.clock.advance(hours=1)
    phone.deliver(update)

    assert texts(world) == ["Hello"]
    assert len(phone.said) == 1


def test_the_same_update_after_its_answer_is_not_asked_again(world: World, phone: Phone) -> None:
    update = phone.say("Hello")
    world.run()
    world.answer()

    world.stop()
    phone.deliver(update)

    assert texts(world) == []
    assert not world.is_running()
    assert list(world.tasks.tasks) == ["task/ada/1"], "no machine for what is answered"


def test_updates_that_overtake_each_other_are_both_kept(world: World, phone: Phone) -> None:
    first, second = (phone.update(message=phone.message(text=text)) for text in ("one", "two"))
    phone.deliver(second)
    phone.deliver(first)

    assert sorted(texts(world)) == ["one", "two"]


def test_thirty_chats_at_once_are_thirty_messages(world: World) -> None:
    phones = [Phone(world, id=1000 + number) for number in range(30)]
    for phone in phones:
        phone.pair()
    for phone in phones:
        phone.say(f"from {phone.id}")

    assert len({message.conversation_id for message in world.inbox.pending(USER)}) == 30
    assert len(world.tasks.tasks) == 1


def test_a_cold_start_is_told_in_one_line_that_the_container_can_edit(world: World, phone: Phone) -> None:
    phone.say("Hello")

    (message,) = world.inbox.pending(USER)
    (line,) = world.bot.chats[PHONE]
    assert phone.said == ["💤 Waking up … about 34 s"]
    assert world.services.telegram.rows.bubbles.get(USER, message.id).messages == (line,)


def test_one_line_tells_of_the_start_however_many_messages_wait(world: World, phone: Phone) -> None:
    phone.say("one")
    phone.say("two")

    assert phone.said == ["💤 Waking up … about 34 s"]
    assert texts(world) == ["one", "two"]


def test_a_line_that_comes_too_late_is_taken_back(world: World, phone: Phone) -> None:
    update = phone.update(message=phone.message(text="Hello"))
    bubbles = world.services.telegram.rows.bubbles

    class Late(type(world.bot)):  # type: ignore[misc]
        """The container has answered before the line is there."""

        def send(self, *args: object) -> int:
            (message,) = world.inbox.pending(USER)
            bubbles.begin(USER, message.id, 1234, world.clock())
            return int(super().send(*args))

    world.bot.__class__ = Late
    phone.deliver(update)

    assert phone.said == []


def test_an_agent_that_is_awake_needs_no_line(world: World, phone: Phone) -> None:
    world.services.lifecycle.start(USER)
    world.run()

    phone.say("Hello")

    assert phone.said == []
    assert world.doorbell.rung


def test_no_machine_free_is_told_and_the_message_is_kept(world: World, phone: Phone) -> None:
    world.tasks.capacity = False

    phone.say("Hello")

    assert phone.said[0].startswith("⏳ AWS has no machine free")
    assert texts(world) == ["Hello"]


def test_a_chat_that_cannot_be_told_does_not_lose_the_message(world: World, phone: Phone) -> None:
    world.bot.faults["send"] = [ChatBusy(3)]

    phone.say("Hello")

    assert texts(world) == ["Hello"]


def test_a_fault_after_the_message_is_kept_is_no_reason_to_send_it_again(world: World, phone: Phone) -> None:
    world.tasks.run = None  # type: ignore[assignment,method-assign]

    phone.say("Hello")

    assert texts(world) == ["Hello"]


def test_a_fault_before_the_message_is_kept_is_one(world: World, phone: Phone) -> None:
    phone.world.store.write = None  # type: ignore[method-assign,assignment]

    with pytest.raises(TypeError):
        phone.say("Hello")


@pytest.mark.parametrize("secret", ["", "wrong", "righT", "ri\u00e9ht"])
def test_without_the_secret_nothing_is_heard(world: World, phone: Phone, secret: str) -> None:
    with pytest.raises(NotAllowed):
        world.services.telegram.receive(secret, json.dumps(phone.update(message=phone.message(text="Hello"))))

    assert texts(world) == []


def test_while_no_secret_is_stored_the_webhook_is_closed(world: World, phone: Phone) -> None:
    del world.secrets.kept[SECRET]

    with pytest.raises(NotAllowed):
        world.services.telegram.receive("", b"{}")


def test_a_stranger_gets_one_refusal_a_day_and_starts_nothing(world: World, phone: Phone) -> None:
    stranger = Phone(world, id=666)
    for text in ("Hello", "/help", "/wake", "Hello?"):
        stranger.say(text)
    stranger.press("model:demo/demo-1")

    assert len(stranger.said) == 1
    assert world.tasks.tasks == {}
    world.clock.advance(days=1)
    stranger.say("Hello")
    assert len(stranger.said) == 2


def test_a_stranger_is_refused_in_its_language(world: World, phone: Phone) -> None:
    stranger = Phone(world, id=666, language="ko-KR")
    stranger.say("안녕")

    assert stranger.said[0].startswith("이것은")


def test_a_stranger_who_cannot_be_answered_is_no_fault(world: World, phone: Phone) -> None:
    world.bot.faults["send"] = [ChatGone("blocked")]
    Phone(world, id=666).say("Hello")


def test_the_store_failing_for_a_stranger_costs_the_refusal_only(world: World) -> None:
    stranger = Phone(world, id=666)
    world.store.write = None  # type: ignore[method-assign,assignment]
    stranger.say("Hello")

    assert stranger.said == []


def test_photos_and_documents_are_named_in_the_inbox(world: World, phone: Phone) -> None:
    sizes = [{"file_id": "small", "width": 90, "height": 60}, {"file_id": "big", "width": 900, "height": 600}]
    phone.deliver(phone.update(message=phone.message(photo=sizes, caption="What is that?")))
    paper = {"file_id": "doc", "file_name": "plan.pdf", "mime_type": "application/pdf", "file_size": 1000}
    phone.deliver(phone.update(message=phone.message(document=paper)))

    photo, document = world.inbox.pending(USER)
    assert (photo.text, photo.files[0].id, photo.files[0].mime_type) == ("What is that?", "big", "image/jpeg")
    assert (document.text, document.files[0].name) == ("📎 plan.pdf", "plan.pdf")


def test_a_file_that_is_too_large_is_refused_before_anything_starts(world: World, phone: Phone) -> None:
    paper = {"file_id": "doc", "file_name": "film.mov", "mime_type": "video/quicktime", "file_size": 11_000_000}
    phone.deliver(phone.update(message=phone.message(document=paper)))

    assert phone.said == ["film.mov is too large: 10 MB at most."]
    assert texts(world) == []


def test_voice_is_refused_politely_and_edits_once_a_day(world: World, phone: Phone) -> None:
    phone.deliver(phone.update(message=phone.message(voice={"file_id": "v"})))
    for _ in range(3):
        phone.deliver(phone.update(edited_message=phone.message(text="Hallo")))

    assert [said.split()[0:4] for said in phone.said] == [["I", "cannot", "listen", "to"], ["I", "do", "not", "notice"]]
    assert texts(world) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"update_id": "x"}',
        b'{"update_id": 1, "message": 7}',
        b'{"update_id": 1, "message": {"chat": {}, "from": {}}}',
        b'{"update_id": 1, "channel_post": {"text": "Hello"}}',
        b"[" * 100_000,
    ],
)
def test_a_poisonous_update_is_taken_and_forgotten(world: World, phone: Phone, body: bytes) -> None:
    world.services.telegram.receive("right", body)


def test_half_a_surrogate_pair_does_not_block_the_chat(world: World, phone: Phone) -> None:
    phone.deliver(phone.update(message=phone.message(text="\ud83d half")))

    assert texts(world) == ["\ufffd half"]


def test_groups_channels_and_bots_are_not_heard(world: World, phone: Phone) -> None:
    group = {**phone.message(text="Hello"), "chat": {"id": -100, "type": "group"}}
    bot = {**phone.message(text="Hello"), "from": {**phone.person, "is_bot": True}}
    for message in (group, bot):
        phone.deliver(phone.update(message=message))

    assert (texts(world), phone.said) == ([], [])


def test_a_chat_of_a_deleted_conversation_begins_another(world: World, phone: Phone) -> None:
    phone.say("Hello")
    (message,) = world.inbox.pending(USER)
    world.run()
    world.answer()
    world.services.history.delete(USER, message.conversation_id)

    phone.say("Again")
    phone.say("And again")

    assert {each.conversation_id for each in world.inbox.pending(USER)}.isdisjoint({message.conversation_id, TALK})
    assert len({each.conversation_id for each in world.inbox.pending(USER)}) == 1


def test_what_nobody_expected_is_logged_and_answered_with_200(world: World, phone: Phone) -> None:
    world.bot.faults["send"] = [RuntimeError("a fault of ours"), AgentUnavailable("busy")]
    phone.say("/help")
    phone.say("/help")

    assert phone.said == ["That did not work: busy"]


def starts_fail(world: World) -> None:
    """Three starts in a row come to nothing, and the watchdog gives up."""
    for _ in range(5):
        world.stop() if world.agent.task_arn else None
        world.services.watchdog.run()


def test_a_start_that_never_succeeds_is_told_in_the_chat(world: World, phone: Phone) -> None:
    phone.say("Hello")
    starts_fail(world)

    assert [said.split(",")[0] for said in phone.said] == ["⚠️ The agent could not be started"]
    assert texts(world) == []
    assert world.agent.undelivered == 0


def test_a_start_that_never_succeeds_is_told_in_the_language_of_the_chat(world: World) -> None:
    phone = Phone(world, 4713, "ko")
    phone.pair()
    phone.say("안녕")
    starts_fail(world)

    assert [said.split(" 이")[0] for said in phone.said] == ["⚠️ 에이전트를 세 번 연속 시작하지 못해"]


def test_without_a_line_the_notice_is_a_message_of_its_own(world: World, phone: Phone) -> None:
    world.bot.faults["send"] = [ChatBusy(3)]
    phone.say("Hello")
    starts_fail(world)

    assert len(phone.said) == 1


def test_a_notice_that_cannot_be_told_stays_in_the_outbox(world: World, phone: Phone) -> None:
    phone.say("Hello")
    world.bot.faults["edit"] = [ChatBusy(3)]
    starts_fail(world)

    assert phone.said == ["💤 Waking up … about 34 s"]
    assert world.agent.undelivered == 1


def test_a_chat_that_is_gone_holds_no_notice_up(world: World, phone: Phone) -> None:
    phone.say("Hello")
    world.bot.faults["edit"] = [ChatGone("blocked")]
    starts_fail(world)

    assert world.agent.undelivered == 0


def test_a_press_in_a_group_is_nobodys_order(world: World, phone: Phone) -> None:
    group = {**phone.message(message_id=1), "chat": {"id": -100, "type": "group"}}
    query = {"id": "q1", "from": phone.person, "data": "unlink:yes", "message": group}
    phone.deliver(phone.update(callback_query=query))

    assert [link.state for link in world.services.linking.list(USER)] == ["linked"]


def test_a_notice_for_nobody_is_told(world: World) -> None:
    notice = world.services.notices.chats["telegram"]

    assert notice.send(NOTICE, Delivery(USER, 2, "telegram", TALK))
