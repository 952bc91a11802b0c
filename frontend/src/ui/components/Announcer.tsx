// Screen readers hear the start and the end of an answer, not each token; what the agent asks; and at once what has failed.
import { useEffect, useRef, useState } from "preact/hooks";
import type { OpenConversation } from "../../chat/conversation";
import { refusalOf, words } from "../../words/words";
import { usePage } from "../hooks/page";

const MOST_SAID = 100; // of a command: the card has all of it

export function Announcer() {
  const { chat } = usePage();
  const conversation = chat.open.current.value;
  const growing = (conversation?.answers.value.size ?? 0) > 0;
  const before = useRef(false);
  const [said, say] = useState("");
  const asks = conversation?.asks;
  useEffect(() => {
    if (asks) say(`${words.value.approval.asks} ${asks.command.slice(0, MOST_SAID)}`);
    else if (growing) say(words.value.answering);
    else if (before.current) say(endOf(conversation));
    before.current = growing;
  }, [growing, asks?.id]);
  return (
    <>
      <p class="unseen" aria-live="polite">
        {said}
      </p>
      <Refusals />
    </>
  );
}

/** How the last answer ended; a notice speaks for itself. */
function endOf(conversation: OpenConversation | undefined): string {
  const last = conversation?.entries.value.at(-1);
  const { answered, cutOff, declined, brokeOff } = words.value;
  const ends = { stop: answered, cancelled: answered, length: cutOff, declined, broken: brokeOff };
  return last?.role === "notice" ? "" : ends[last?.stopReason ?? "stop"];
}

/** A region that is there before a message is refused: one that came with its words would not be read. */
function Refusals() {
  const refused = usePage().chat.outbox.messages.value.findLast((one) => one.refused)?.refused;
  const text = refused ? `${words.value.notSent}. ${refusalOf(refused.code, refused.message)}` : "";
  return (
    <p class="unseen" aria-live="assertive">
      {text}
    </p>
  );
}
