from datetime import timedelta

import pytest

from chalicelib.domain.linking import LIFE
from chalicelib.errors import ChatGone, ChatUnavailable, InvalidMessage, NotAllowed, NotFound
from tests.fakes.world import USER, World
from tests.services.telegram_scenes import PHONE, Phone

LINK = f"telegram-{PHONE}"


@pytest.fixture
def phone(world: World) -> Phone:
    return Phone(world)


def offered(world: World, user_id: str = USER) -> str:
    return world.services.linking.offer(user_id, "telegram").code


def states(world: World, user_id: str = USER) -> list[str]:
    return [link.state for link in world.services.linking.list(user_id)]


def test_a_chat_that_sends_the_code_asks_and_the_owner_confirms(world: World, phone: Phone) -> None:
    phone.say(offered(world))
    (asking,) = world.services.linking.list(USER)
    assert (asking.state, asking.name, asking.username, asking.external_id) == ("asked", "Ada", "ada_l", str(PHONE))

    world.services.linking.confirm(USER, LINK)

    assert states(world) == ["linked"]
    assert phone.said[0].startswith("Almost there")
    assert phone.said[1].startswith("Linked.")


def test_the_link_of_the_page_pairs_like_the_code(world: World, phone: Phone) -> None:
    url = world.services.linking.offer(USER, "telegram").url
    assert url.startswith("https://t.me/my_bot?start=")

    phone.say("/start " + url.partition("start=")[2])

    assert states(world) == ["asked"]


def test_a_code_may_be_written_as_people_write(world: World, phone: Phone) -> None:
    phone.say(offered(world).lower().replace("-", " "))

    assert states(world) == ["asked"]


def test_nothing_is_answered_before_the_owner_has_confirmed(world: World, phone: Phone) -> None:
    phone.say(offered(world))

    phone.say("Hello")

    assert world.inbox.pending(USER) == ()
    assert world.tasks.tasks == {}


def test_an_expired_code_is_no_code(world: World, phone: Phone) -> None:
    code = offered(world)
    world.clock.now += LIFE

    phone.say(code)

    assert states(world) == []
    assert phone.said == ["That code is not valid, or no longer. Make a new one on the web page."]


def test_a_new_code_ends_the_old_one(world: World, phone: Phone) -> None:
    old = offered(world)
    new = offered(world)

    phone.say(old)
    assert states(world) == []
    phone.say(new)
    assert states(world) == ["asked"]


def test_a_code_is_good_once(world: World, phone: Phone) -> None:
    code = offered(world)
    phone.say(code)

    Phone(world, id=5).say(code)

    assert [link.external_id for link in world.services.linking.list(USER)] == [str(PHONE)]


def test_after_five_wrong_codes_the_right_one_is_not_heard(world: World, phone: Phone) -> None:
    code = offered(world)
    for _ in range(5):
        phone.say("AAAA-AAAA")

    phone.say(code)

    assert states(world) == []
    assert phone.said[-1].startswith("Too many wrong codes")
    world.clock.advance(days=1)
    phone.say(offered(world))
    assert states(world) == ["asked"]


def test_the_link_cannot_be_guessed_and_is_still_heard(world: World, phone: Phone) -> None:
    for _ in range(20):
        phone.say("x" * 22)

    phone.say(world.services.linking.offer(USER, "telegram").url.partition("start=")[2])

    assert states(world) == ["asked"]
    assert len(phone.said) == 5 + 1 + 1  # told five times that it is wrong, refused once, heard


def test_an_unanswered_request_fades(world: World, phone: Phone) -> None:
    phone.say(offered(world))
    world.clock.now += LIFE + timedelta(seconds=1)

    with pytest.raises(NotFound):
        world.services.linking.confirm(USER, LINK)


def test_confirming_twice_changes_nothing(world: World, phone: Phone) -> None:
    phone.pair()

    assert world.services.linking.confirm(USER, LINK).state == "linked"


def test_a_chat_belongs_to_one_account(world: World, phone: Phone) -> None:
    phone.say(offered(world))
    phone.say(offered(world, "bob"))
    world.services.linking.confirm(USER, LINK)

    with pytest.raises(NotAllowed):
        world.services.linking.confirm("bob", LINK)


def test_only_its_owner_may_confirm_or_remove_a_link(world: World, phone: Phone) -> None:
    phone.say(offered(world))

    for act in (world.services.linking.confirm, world.services.linking.remove):
        with pytest.raises(NotFound):
            act("bob", LINK)


def test_a_removed_chat_is_a_stranger_again(world: World, phone: Phone) -> None:
    phone.pair()
    world.services.linking.remove(USER, LINK)

    phone.say("Hello")

    assert states(world) == []
    assert world.inbox.pending(USER) == ()


def test_without_a_bot_the_owner_is_told_so(world: World) -> None:
    world.bot.faults["name"] = [ChatGone("there is no bot: its token is not stored")]

    with pytest.raises(NotFound, match="Telegram is not set up: there is no bot"):
        world.services.linking.offer(USER, "telegram")


def test_the_page_knows_before_anybody_asks_whether_there_is_a_bot(world: World) -> None:
    gone, busy = ChatGone("there is no bot: its token is not stored"), ChatUnavailable("Telegram is down")
    world.bot.faults["name"] = [None, gone, busy]

    assert [world.services.linking.channels() for _ in range(3)] == [("telegram",), (), ("telegram",)]


def test_a_channel_there_is_not_is_refused(world: World) -> None:
    with pytest.raises(InvalidMessage):
        world.services.linking.offer(USER, "pigeon")


def test_the_menu_is_registered_in_both_languages(world: World, phone: Phone) -> None:
    phone.pair()

    assert world.bot.menus["ko"]["new"] == "새 대화 시작"
    assert world.bot.menus[None]["new"] == "Start a new conversation"


def test_a_chat_that_cannot_be_greeted_is_linked_all_the_same(world: World, phone: Phone) -> None:
    phone.say(offered(world))
    world.bot.faults = {"send": [ChatGone("blocked")], "register": [ChatGone("blocked")]}

    assert world.services.linking.confirm(USER, LINK).state == "linked"
