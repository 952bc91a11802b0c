// The messages of the open conversation. What was just sent goes to the top, and its answer grows below it.
import type { OpenConversation } from "../../../chat/conversation";
import { type Item, items } from "../../../chat/transcript";
import { groups, type Turn } from "../../../chat/turns";
import { words } from "../../../words/words";
import { useGoal } from "../../hooks/goal";
import { usePage } from "../../hooks/page";
import { type Scrolling, useScroll } from "../../hooks/scroll";
import { useWindow } from "../../hooks/window";
import { EntryBoundary } from "../Boundary";
import { Icon } from "../Icon";
import { AgentMessage } from "./AgentMessage";
import { Earlier } from "./Earlier";
import { Empty } from "./Empty";
import { OutgoingMessage, UserMessage, Waiting } from "./Message";
import { NoticeMessage } from "./Notice";

export const THREAD_ID = "thread"; // the skip link leads there

export function Thread({ conversation }: { conversation: OpenConversation }) {
  const { anchor } = usePage().view;
  const all = groups(useItems(conversation));
  const shown = useWindow(all);
  const last = all.at(-1);
  const anchored = last?.key === anchor.value.id;
  const scrolling = useScroll(anchored, anchor.value);
  useGoal(conversation, all, shown, scrolling);
  const { box, content, scroll, away, scrolled, touched } = scrolling;
  return (
    <div class="thread-frame">
      <section
        id={THREAD_ID}
        class="thread"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={scrolled}
        onWheel={touched}
        onTouchStart={touched}
        onKeyDown={touched}
        aria-label={words.value.thread}
      >
        <div ref={content}>
          <Earlier conversation={conversation} shown={shown} scrolling={scrolling} />
          {!last && <Blank conversation={conversation} />}
          {shown.turns.map((turn) => (
            <div key={turn.key} class={anchored && turn === last ? "turn anchored" : "turn"}>
              <Items turn={turn} conversation={conversation} isLast={turn === last} />
            </div>
          ))}
        </div>
      </section>
      {away.value && <ToEnd scroll={scroll} />}
    </div>
  );
}

interface ItemsProps {
  turn: Turn;
  conversation: OpenConversation;
  isLast: boolean;
}

function Items({ turn, conversation, isLast }: ItemsProps) {
  return (
    <>
      {turn.items.map((item) => (
        <EntryBoundary key={item.key} text={textOf(item)}>
          <OneItem item={item} conversation={conversation} isLast={isLast && item === turn.items.at(-1)} />
        </EntryBoundary>
      ))}
    </>
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
  const { entries, answers, ended } = conversation;
  return items({ entries: entries.value, answers: answers.value, ended: ended.value, outgoing });
}

function textOf(item: Item): string {
  if (item.kind === "outgoing") return item.message.text;
  if (item.kind === "waiting") return "";
  return item.kind === "agent" ? (item.entry?.text ?? item.answer?.text ?? "") : item.entry.text;
}

interface OneItemProps {
  item: Item;
  conversation: OpenConversation;
  isLast: boolean;
}

function OneItem({ item, conversation, isLast }: OneItemProps) {
  const { chat } = usePage();
  const question = (turn: string | undefined) => questionOf(conversation, turn);
  switch (item.kind) {
    case "user":
      return <UserMessage entry={item.entry} queued={item.queued} />;
    case "outgoing":
      return <OutgoingMessage message={item.message} online={chat.connection.value !== "waiting"} />;
    case "agent": {
      const { entry, answer, tools, approvals, turn } = item;
      const asked = isLast ? (question(turn) ?? "") : undefined;
      return (
        <AgentMessage entry={entry} answer={answer} tools={tools} approvals={approvals} question={asked} />
      );
    }
    case "waiting":
      return <Waiting turn={item.turn} silent={item.silent} />;
    case "notice":
      return <NoticeMessage entry={item.entry} question={question(item.entry.turn)} isLast={isLast} />;
  }
}

function questionOf(conversation: OpenConversation, turn: string | undefined): string | undefined {
  return conversation.entries.value.find((entry) => entry.id === turn)?.text;
}

function Blank({ conversation }: { conversation: OpenConversation }) {
  const page = usePage();
  const { loadFailed, retry, missing, newConversation } = words.value;
  const { value } = conversation.loading;
  if (value === "loaded") return <Empty />;
  if (value === "missing")
    return <Told text={missing} label={newConversation} run={() => page.startFresh()} />;
  if (value === "failed")
    return <Told text={loadFailed} label={retry} run={() => page.chat.reload(conversation)} />;
  return <div class="skeleton" aria-hidden="true" />;
}

function Told({ text, label, run }: { text: string; label: string; run(): void }) {
  return (
    <div class="load-failed" role="alert">
      <p>{text}</p>
      <button type="button" class="plain-button" onClick={run}>
        {label}
      </button>
    </div>
  );
}
