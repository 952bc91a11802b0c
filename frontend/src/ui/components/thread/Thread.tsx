// The messages of the open conversation. What was just sent goes to the top, and its answer grows below it.
import type { OpenConversation } from "../../../chat/conversation";
import { type Item, items } from "../../../chat/transcript";
import { groups } from "../../../chat/turns";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { type Scrolling, useScroll } from "../../hooks/scroll";
import { Icon } from "../Icon";
import { Empty } from "./Empty";
import { AgentMessage, NoticeMessage, OutgoingMessage, UserMessage, Waiting } from "./Message";

export function Thread({ conversation }: { conversation: OpenConversation }) {
  const { anchor } = usePage().view;
  const turns = groups(useItems(conversation));
  const anchored = turns.at(-1)?.key === anchor.value.id;
  const { box, content, scroll, away, scrolled, touched } = useScroll(anchored, anchor.value);
  return (
    <div class="thread-frame">
      <section
        class="thread"
        ref={box}
        onScroll={scrolled}
        onWheel={touched}
        onTouchStart={touched}
        aria-label={words.value.thread}
      >
        <div ref={content}>
          <Earlier conversation={conversation} scroll={scroll} />
          {turns.length === 0 && <Blank conversation={conversation} />}
          {turns.map((turn) => (
            <div key={turn.key} class={anchored && turn === turns.at(-1) ? "turn anchored" : "turn"}>
              {turn.items.map((item) => (
                <OneItem key={item.key} item={item} conversation={conversation} />
              ))}
            </div>
          ))}
        </div>
      </section>
      {away.value && <ToEnd scroll={scroll} />}
    </div>
  );
}

function ToEnd({ scroll }: { scroll: Scrolling["scroll"] }) {
  return (
    <button
      type="button"
      class="to-end round"
      aria-label={words.value.toEnd}
      onClick={() => scroll.current?.toEnd()}
    >
      <Icon name="down" />
    </button>
  );
}

function useItems(conversation: OpenConversation): Item[] {
  const outgoing = usePage().chat.outbox.messages.value.filter(
    (one) => one.conversationId === conversation.id,
  );
  const { entries, answers, toolSteps } = conversation;
  return items({ entries: entries.value, answers: answers.value, toolSteps: toolSteps.value, outgoing });
}

function OneItem({ item, conversation }: { item: Item; conversation: OpenConversation }) {
  const { chat } = usePage();
  switch (item.kind) {
    case "user":
      return <UserMessage entry={item.entry} queued={item.queued} />;
    case "outgoing":
      return <OutgoingMessage message={item.message} online={chat.connection.value !== "waiting"} />;
    case "agent":
      return <AgentMessage entry={item.entry} answer={item.answer} tools={item.tools} />;
    case "waiting":
      return <Waiting turn={item.turn} />;
    case "notice":
      return <NoticeMessage entry={item.entry} question={questionOf(conversation, item.entry.turn)} />;
  }
}

function questionOf(conversation: OpenConversation, turn: string | undefined): string | undefined {
  return conversation.entries.value.find((entry) => entry.id === turn)?.text;
}

function Blank({ conversation }: { conversation: OpenConversation }) {
  const { chat } = usePage();
  const { loadFailed, retry } = words.value;
  if (conversation.loading.value === "loaded") return <Empty />;
  if (conversation.loading.value !== "failed") return <div class="skeleton" aria-hidden="true" />;
  return (
    <div class="load-failed" role="alert">
      <p>{loadFailed}</p>
      <button type="button" class="plain-button" onClick={() => chat.reload(conversation)}>
        {retry}
      </button>
    </div>
  );
}

interface EarlierProps {
  conversation: OpenConversation;
  scroll: Scrolling["scroll"];
}

function Earlier({ conversation, scroll }: EarlierProps) {
  const page = usePage();
  if (conversation.earlier.value === null) return null;
  const load = () =>
    page.attempt(scroll.current?.holding(() => conversation.loadEarlier()) ?? Promise.resolve());
  return (
    <button type="button" class="earlier" onClick={load}>
      {words.value.earlier}
    </button>
  );
}
