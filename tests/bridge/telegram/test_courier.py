import re
from dataclasses import replace

import pytest

from chalicelib.domain.agent import Step
from chalicelib.domain.failure_kinds import KINDS, failed
from chalicelib.domain.failure_words import explain
from chalicelib.domain.inbox import entry_of
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.turn import Approval, Failed, Finished
from chalicelib.errors import ChatBusy, ChatGone, ChatRefused, ChatUnavailable, ConditionFailed, MarkupRefused
from chalicelib.tables.conversations import put_entry
from container.bridge.telegram.post import ChatTurn
from tests.fakes.courier import CHAT, SPOKEN, Killed, Scene
from tests.tables.scenes import USER, accept, ended

OTHER = 4712
BROKEN = Finished("Half a sen", "broken", None, failed("model_error.connection_lost", model="a/b"))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def line(scene: Scene, text: str = "💤 Waking up …") -> int:
    """What the Lambda has put into the chat."""
    number = scene.bot.send(CHAT, Words(text))
    assert scene.rows.bubbles.begin(USER, SPOKEN.id, number, scene.clock())
    return number


def test_an_answer_is_one_message_and_leaves_the_outbox(scene: Scene) -> None:
    scene.deliver("I am **well**.")
    scene.run()

    assert scene.said == ["I am well."]
    assert len(scene.delivered) == 1


def test_an_answer_takes_the_place_of_the_line_that_told_of_the_start(scene: Scene) -> None:
    line(scene)
    scene.deliver("Here I am.")
    scene.run()

    assert scene.said == ["Here I am."]
    assert scene.bot.calls.count("send") == 1


def test_a_markup_that_is_refused_goes_out_as_plain_text(scene: Scene) -> None:
    scene.bot.faults["edit"] = [MarkupRefused("can't parse entities")]
    scene.deliver("I am **well**.")
    scene.run()

    assert scene.said == ["I am well."]
    assert scene.bot.chats[CHAT][1].entities == ()
    assert len(scene.delivered) == 1


def test_a_chat_that_asks_to_wait_is_waited_for(scene: Scene) -> None:
    began = scene.clock()
    scene.bot.faults["send"] = [ChatBusy(17)]
    scene.deliver("I am well.")
    scene.run()

    assert scene.said == ["I am well."]
    assert (scene.clock() - began).total_seconds() >= 17


def test_a_refusal_is_not_counted_as_sent(scene: Scene) -> None:
    scene.bot.faults["edit"] = [ChatRefused("Bad Request: something new")] * 3
    scene.deliver("I am **well**.")
    scene.run()

    assert scene.said == ["I am well."]
    assert scene.bot.chats[CHAT][1].entities == ()
    assert len(scene.delivered) == 1


def test_an_answer_that_is_refused_again_and_again_does_not_keep_the_agent_awake(scene: Scene) -> None:
    """The page has it."""
    scene.bot.faults["edit"] = [ChatRefused("Bad Request: something new")] * 100
    scene.deliver("I am well.")
    scene.run()

    assert (scene.said, len(scene.delivered)) == (["…"], 1)


def test_telegram_being_away_delays_the_answer(scene: Scene) -> None:
    scene.bot.faults["send"] = [ChatUnavailable("no answer")] * 5
    scene.deliver("I am well.")
    scene.run()

    assert scene.said == ["I am well."]


def test_after_half_an_hour_the_agent_may_sleep_all_the_same(scene: Scene) -> None:
    scene.bot.faults["send"] = [ChatUnavailable("no answer")] * 100
    scene.deliver("I am well.")
    scene.run()

    assert (scene.said, len(scene.delivered)) == ([], 1)


def test_an_edit_whose_answer_was_lost_is_repeated_and_changes_nothing(scene: Scene) -> None:
    class Lossy(type(scene.bot)):  # type: ignore[misc]
        def edit(self, *args: object) -> None:
            super().edit(*args)
            if self.calls.count("edit") == 1:
                raise ChatUnavailable("time-out")

    scene.bot.__class__ = Lossy
    scene.deliver("I am well.")
    scene.run()

    assert scene.said == ["I am well."]
    assert scene.bot.calls.count("edit") == 2


@pytest.mark.parametrize("method", ["edit", "send"])
def test_a_container_that_dies_on_the_way_leaves_one_answer(scene: Scene, method: str) -> None:
    scene.bot.faults[method] = [Killed()]
    scene.deliver("I am well.")
    scene.run()

    heir = scene.successor()
    heir.deliver("I am well.")
    heir.run()

    assert scene.said == ["I am well."]


def test_a_container_that_dies_between_the_parts_goes_on_where_it_was(scene: Scene) -> None:
    answer = "word " * 2000
    scene.bot.faults["edit"] = [None, Killed()]
    scene.deliver(answer)
    scene.run()
    heir = scene.successor()
    heir.deliver(answer)
    heir.run()

    assert " ".join(part.strip() for part in scene.said) == answer.strip()
    assert len(heir.delivered) == 1


def test_a_long_answer_comes_in_parts_at_the_pace_of_the_chat(scene: Scene) -> None:
    began = scene.clock()
    answer = "\n\n".join(f"{number} {'가나다라 ' * 200}🎉" for number in range(100))
    scene.deliver(answer)
    scene.run()

    assert len(scene.said) > 20
    assert "".join("".join(scene.said).split()) == "".join(answer.split())
    assert (scene.clock() - began).total_seconds() >= len(scene.said) - 1


def test_a_notice_says_what_went_wrong(scene: Scene) -> None:
    scene.deliver(Failed("model_auth", "The key is wrong.", retryable=False))
    scene.run()

    assert scene.said == ["⚠️ The key is wrong."]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("key", KINDS)
def test_every_failure_is_told_in_the_language_of_the_chat(key: str, language: str) -> None:
    facts = {"model": "a/b", "name": "x.txt", "limit": "6", "count": "9", "minutes": "60", "reason": "no"}
    scene = Scene(language=language)
    scene.deliver(failed(key, **facts))
    scene.run()

    (told,) = scene.said
    assert told == f"⚠️ {explain(language, key, facts)}"
    assert bool(re.search("[가-힣]", told)) == (language == "ko")
    assert "{" not in told


@pytest.mark.parametrize(
    ("language", "outcome", "told"),
    [
        ("en", BROKEN, "Half a sen\n\n⚠️ The answer broke off here. The connection to a/b broke off"),
        ("ko", BROKEN, "Half a sen\n\n⚠️ 답변이 여기서 끊겼습니다. 답을 받는 도중에 a/b 연결이 끊겼습니다."),
        ("en", Finished("Half a sen", "broken", None), "Half a sen\n\n⚠️ The answer broke off here."),
        ("en", Finished("Half a sen", "length", None), "Half a sen\n\n✂️ Cut off at the model's limit. Write “go on”"),
        ("ko", Finished("Half a sen", "length", None), "Half a sen\n\n✂️ 모델의 한도에서 잘렸습니다."),
        ("en", Finished("", "declined", None), "🚫 The model declined to answer this."),
        ("ko", Finished("", "declined", None), "🚫 모델이 이 요청에 답하기를 거절했습니다."),
    ],
)
def test_an_answer_that_is_not_whole_says_so_in_the_language_of_the_chat(
    language: str, outcome: Finished, told: str
) -> None:
    scene = Scene(language=language)
    scene.deliver(outcome)
    scene.run()

    assert scene.said[0].startswith(told)


def test_a_cancelled_answer_keeps_its_words_and_says_so(scene: Scene) -> None:
    scene.deliver(Finished("I was", "cancelled", None))
    scene.run()

    assert scene.said == ["I was\n\n⏹ Stopped."]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(Finished("", "cancelled", None), "⏹ Stopped."), (Finished(" ", "stop", None), "(The answer is empty.)")],
)
def test_an_answer_without_words_has_some(scene: Scene, outcome: Finished, said: str) -> None:
    scene.deliver(outcome)
    scene.run()

    assert scene.said == [said]


def test_a_chat_that_was_unlinked_gets_nothing_more(scene: Scene) -> None:
    (link,) = scene.rows.links.list(USER)
    scene.rows.links.remove(link)
    scene.deliver("A secret.")
    scene.run()

    assert (scene.said, len(scene.delivered)) == ([], 1)


def test_a_person_who_blocked_the_bot_holds_nothing_up(scene: Scene) -> None:
    scene.bot.faults["send"] = [ChatGone("bot was blocked by the user")]
    scene.deliver("Hello")
    scene.run()

    assert len(scene.delivered) == 1


def test_a_message_that_the_person_deleted_is_replaced(scene: Scene) -> None:
    number = line(scene)
    scene.bot.delete(CHAT, number)
    scene.deliver("Here I am.")
    scene.run()

    assert scene.said == ["Here I am."]


def test_markup_that_is_refused_of_a_message_that_was_deleted_is_no_reason_to_be_silent(scene: Scene) -> None:
    number = line(scene)
    scene.bot.delete(CHAT, number)
    scene.bot.faults["edit"] = [MarkupRefused("can't parse entities")]
    scene.deliver("Here **I** am.")
    scene.run()

    assert scene.said == ["Here I am."]
    assert scene.bot.chats[CHAT][number + 1].entities


def test_a_number_that_was_kept_though_the_store_says_no_is_not_taken_back(scene: Scene) -> None:
    """The answer to the write was lost, and the repeated write met the first one."""
    write, lost = scene.store.write, [True]

    def losing(*writes: object) -> object:
        result = write(*writes)  # type: ignore[arg-type]
        if lost and any("messages" in getattr(each, "set", {}) for each in writes):
            lost.pop()
            raise ConditionFailed
        return result

    scene.store.write = losing  # type: ignore[method-assign,assignment]
    scene.deliver("I am well.")
    scene.run()

    assert (scene.said, lost) == (["I am well."], [])
    assert "delete" not in scene.bot.calls


def test_a_store_that_fails_after_the_message_was_sent_does_not_double_it(scene: Scene) -> None:
    keep, failures = scene.rows.bubbles.store.write, [RuntimeError("away"), RuntimeError("away")]

    def failing(*writes: object) -> object:
        if failures and any("messages" in getattr(write, "set", {}) for write in writes):
            raise failures.pop()
        return keep(*writes)  # type: ignore[arg-type]

    scene.store.write = failing  # type: ignore[method-assign,assignment]
    scene.deliver("I am well.")
    scene.run()

    assert scene.said == ["I am well."]


def test_an_outbox_that_cannot_be_written_is_tried_again(scene: Scene) -> None:
    entry = scene.deliver("I am well.")
    post = scene.courier.posts.find(str(entry.turn))
    assert post and post.final
    done, failures = post.final.done, [RuntimeError("away")]

    def failing() -> object:
        if failures:
            raise failures.pop()
        return done()

    post.final.done = failing
    scene.run()

    assert len(scene.delivered) == 1
    assert scene.bot.calls.count("edit") == 1


def test_the_line_follows_the_start_through_its_stages(scene: Scene) -> None:
    accepted = accept(scene.store)
    number = scene.rows.inbox.pending(USER)[0]
    scene.store.rows[next(slot for slot in scene.store.rows if slot[2].startswith("in#"))] |= {
        "channel": "telegram",
        "replyTo": str(CHAT),
    }
    message = scene.bot.send(CHAT, Words("💤 Waking up …"))
    scene.rows.bubbles.begin(USER, accepted.id, message, scene.clock())
    seen = []
    for reached in (Step.CONTAINER, Step.GATEWAY, Step.WORKSPACE):
        scene.courier.reached(reached)
        scene.run()
        seen += scene.said

    assert number.id == accepted.id
    assert seen == ["📦 The machine is there …", "⚙️ OpenClaw starts …", "🗂 Opening your workspace …"]


def test_a_stage_makes_no_message_of_its_own(scene: Scene) -> None:
    accept(scene.store)
    scene.courier.reached(Step.GATEWAY)
    scene.run()

    assert scene.said == []


def test_a_mirrored_answer_stands_under_its_question(scene: Scene) -> None:
    asked = replace(SPOKEN, channel="web", reply_to=None)
    scene.store.write(put_entry(USER, entry_of(asked, pending=False)))
    scene.deliver("I am well.", asked)
    scene.run()

    assert scene.said == [f"🖥 From the web page:\n{asked.text}\n\nI am well."]


def test_two_chats_that_mirror_have_the_answer_once_each(scene: Scene) -> None:
    asked = replace(SPOKEN, channel="web", reply_to=None)
    scene.store.write(put_entry(USER, entry_of(asked, pending=False)))
    entry = ended(asked, Finished("I am well.", "stop", None), scene.clock())
    scene.link(OTHER)
    for chat in (CHAT, OTHER, CHAT):
        scene.mirror(entry, chat)
    scene.run()

    told = [f"🖥 From the web page:\n{asked.text}\n\nI am well."]
    assert (scene.said, scene.bot.said(OTHER)) == (told, told)
    assert {delivery.reply_to for delivery in scene.delivered} == {str(CHAT), str(OTHER)}


def test_a_container_that_dies_between_two_chats_leaves_each_with_one_answer(scene: Scene) -> None:
    entry = ended(SPOKEN, Finished("I am well.", "stop", None), scene.clock())
    scene.link(OTHER)
    heir = scene.successor()
    scene.bot.faults["edit"] = [None, Killed()]
    for each in (scene, heir):
        each.mirror(entry, CHAT)
        each.mirror(entry, OTHER)
        each.run()

    assert (scene.said, scene.bot.said(OTHER)) == (["I am well."], ["I am well."])


def test_answers_to_one_chat_arrive_in_the_order_they_were_given(scene: Scene) -> None:
    later = replace(SPOKEN, id="44444444-4444-4444-8444-444444444444", seq=3)
    scene.deliver("second", later)
    scene.deliver("first")
    scene.run()

    assert scene.said == ["first", "second"]


def test_a_question_of_the_agents_has_two_buttons_and_is_told_once(scene: Scene) -> None:
    scene.begin()
    post = scene.courier.posts.need(ChatTurn(CHAT, SPOKEN.id, SPOKEN.seq))
    post.working = False  # or it types for ever
    scene.channel.ask(SPOKEN, Approval("77777777-7777-5777-8777-777777777777", "rm -rf build"))
    scene.run()
    (told,) = [said for said in scene.bot.said(CHAT) if "rm -rf build" in said]
    assert told == "The agent asks: may it run this?\n\nrm -rf build"
    assert [button.order for button in scene.bot.buttons] == [
        "allow:77777777-7777-5777-8777-777777777777",
        "deny:77777777-7777-5777-8777-777777777777",
    ]
    scene.deliver("Done.")
    scene.run()
    assert scene.bot.said(CHAT).count(told) == 1
