import pytest

from chalicelib.domain.agent import State
from chalicelib.domain.telegram import COMMANDS
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import COMMANDS as MENUS
from chalicelib.errors import ChatBusy
from chalicelib.tables.approvals import AskedApproval
from tests.fakes.values import TALK, TURN
from tests.fakes.world import USER, World
from tests.services.telegram_scenes import PHONE, Phone


@pytest.fixture
def phone(world: World) -> Phone:
    phone = Phone(world)
    phone.pair()
    return phone


def orders(world: World) -> list[str]:
    return [button.order for button in world.bot.buttons]


def conversation(world: World) -> str:
    chat = world.services.telegram.rows.links.chat("telegram", str(PHONE))
    assert chat
    return chat.conversation_id


def test_every_command_of_the_menu_is_understood() -> None:
    for menu in MENUS.values():
        assert set(menu) == set(COMMANDS) - {"start", "ask", "heavy"}


def test_help_lists_the_commands_in_the_persons_language(world: World, phone: Phone) -> None:
    phone.say("/help")
    phone.person["language_code"] = "ko"
    phone.say("/help@my_bot")

    assert "/new: Start a new conversation" in phone.said[0]
    assert "/new: 새 대화 시작" in phone.said[1]
    assert world.tasks.tasks == {}


def test_start_in_a_linked_chat_says_so(phone: Phone) -> None:
    phone.say("/start whatever")

    assert phone.said == ["This chat is linked already. Just write to me."]


def test_new_begins_a_conversation_once_even_if_it_comes_twice(world: World, phone: Phone) -> None:
    before = conversation(world)
    update = phone.say("/new")
    begun = conversation(world)
    phone.say("/new")
    phone.deliver(update)

    assert len({before, begun, conversation(world)}) == 3
    assert len(phone.said) == 2


def test_a_conversation_is_chosen_by_a_button(world: World, phone: Phone) -> None:
    first = conversation(world)
    phone.say("About whales")
    phone.say("/new")
    phone.say("/conversations")
    assert orders(world) == [f"talk:{first}"]

    phone.press(f"talk:{first}", message=list(world.bot.chats[PHONE])[-1])

    assert conversation(world) == first
    assert phone.said[-1] == "Now in: About whales"
    assert world.bot.pressed == ["q1"]


def test_with_no_conversations_there_are_no_buttons(world: World, phone: Phone) -> None:
    phone.say("/conversations")

    assert (orders(world), phone.said) == ([], ["There are no conversations yet. Just write."])


@pytest.mark.parametrize("order", ["talk:00000000-0000-4000-8000-000000000000", "model:moon/1", "dance:now", ""])
def test_a_button_of_what_is_gone_says_so(world: World, phone: Phone, order: str) -> None:
    phone.say("/model")
    phone.press(order, message=list(world.bot.chats[PHONE])[-1])

    assert phone.said == ["That is not there any more."]


@pytest.mark.parametrize(("verb", "said"), [("allow", "✅ Allowed:\n\nls"), ("deny", "❌ Denied:\n\nls")])
def test_a_question_of_the_agents_is_decided_by_a_button_once(world: World, phone: Phone, verb: str, said: str) -> None:
    asked = AskedApproval(USER, "77777777-7777-5777-8777-777777777777", 1, TALK, TURN, "ls")
    world.services.lifecycle.start(USER)
    world.run()
    world.services.rows.approvals.ask(asked, world.clock())
    other = {"allow": "deny", "deny": "allow"}[verb]
    world.bot.send(PHONE, Words("May it?"))
    number = list(world.bot.chats[PHONE])[-1]
    phone.press(f"{verb}:{asked.id}", message=number)
    assert phone.said == [said]
    assert [each.decision for each in world.inbox.look(USER).asked] == [verb]
    phone.press(f"{other}:{asked.id}", message=number)
    assert phone.said == ["That is not there any more."]
    assert [each.decision for each in world.inbox.look(USER).asked] == [verb]


def test_the_model_is_chosen_by_a_button(world: World, phone: Phone) -> None:
    phone.say("/model")
    assert orders(world) == ["model:demo/demo-1"]
    world.bot.faults["confirm"] = [ChatBusy(1)]

    phone.press("model:demo/demo-1", message=list(world.bot.chats[PHONE])[-1])

    assert world.services.settings.get(USER).model == "demo/demo-1"
    assert phone.said == ["From the next message on: demo/demo-1"]


def test_status_says_what_the_agent_does(phone: Phone) -> None:
    phone.say("About whales")
    phone.say("/status")

    assert phone.said[-1] == "Agent: waking up\nWaiting messages: 1\nModel: demo/demo-1\nConversation: About whales"


def test_status_is_korean_in_a_korean_chat(phone: Phone) -> None:
    phone.person["language_code"] = "ko"
    phone.say("/status")

    assert phone.said[-1].startswith("에이전트: 자는 중\n")


def test_stop_cancels_what_runs_in_this_conversation(world: World, phone: Phone) -> None:
    phone.say("About whales")
    world.send(1, "something on the page")
    phone.say("/stop")

    assert [(message.text, message.cancelled) for message in world.inbox.pending(USER)] == [
        ("About whales", True),
        ("something on the page", False),
    ]
    assert phone.said[-1] == "Stopping."


def test_stop_with_nothing_to_stop_says_so_and_wakes_nobody(world: World, phone: Phone) -> None:
    phone.say("/stop")

    assert phone.said == ["There is nothing to stop."]
    assert world.tasks.tasks == {}


def test_the_agent_is_woken_and_put_to_sleep(world: World, phone: Phone) -> None:
    phone.say("/sleep")
    phone.say("/wake")
    world.run()
    phone.say("/wake")
    world.clock.advance(seconds=1)
    phone.say("/sleep")

    assert phone.said == [
        "The agent is asleep already.",
        "The agent is waking up.",
        "The agent is awake.",
        "The agent goes to sleep.",
    ]
    assert world.agent.state is State.STOPPING


def test_an_agent_at_work_is_not_put_to_sleep(world: World, phone: Phone) -> None:
    phone.say("About whales")
    world.run()

    phone.say("/sleep")

    assert phone.said[-1] == "The agent is working on a message. Send /stop first."


def test_usage_counts_today_and_the_month(world: World, phone: Phone) -> None:
    phone.say("About whales")
    world.run()
    world.answer()
    world.clock.advance(days=3)

    phone.say("/usage")

    assert phone.said[-1] == ("Today: 0 messages, 0 tokens, $0.00\nLast 30 days: 1 messages, 0 tokens, $0.00")


def test_heavy_asks_for_the_larger_machine(world: World, phone: Phone) -> None:
    phone.say("/heavy How heavy is a whale?")
    phone.say("/heavy")

    (message,) = world.inbox.pending(USER)
    assert (message.text, message.runtime) == ("How heavy is a whale?", "fargate")
    assert phone.said[-1] == "Write the question behind it: /heavy …"


def test_unlinking_asks_first(world: World, phone: Phone) -> None:
    phone.say("/unlink")
    assert orders(world) == ["unlink:yes"]
    phone.press("unlink:yes", message=list(world.bot.chats[PHONE])[-1])

    assert phone.said == ["Unlinked. The conversations stay on the web page."]
    assert world.services.linking.list(USER) == []


def test_a_word_behind_a_slash_that_is_no_command_is_for_the_agent(world: World, phone: Phone) -> None:
    phone.say("/etc/passwd: what is that?")

    assert [message.text for message in world.inbox.pending(USER)] == ["/etc/passwd: what is that?"]
