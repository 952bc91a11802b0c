// The messages of the open conversation. What was just sent goes to the top, and its answer grows below it.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { OpenConversation } from "../chat/conversation";
import { type Item, items } from "../chat/transcript";
import { usePage } from "../page";
import { words } from "../words/words";
import { Empty } from "./Empty";
import { Icon } from "./Icon";
import { AgentMessage, LetterMessage, NoticeMessage, UserMessage, Waiting } from "./Message";
import { distance, groups, raise, toEnd } from "./scroll";

const NEAR = 60; // pixels from the end that still count as the end

export function Thread({ conversation }: { conversation: OpenConversation }) {
  const page = usePage();
  const box = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const away = useSignal(false);
  const shown = useItems(conversation);
  const turns = groups(shown);
  const anchored = turns.at(-1)?.key === page.anchor.value;

  useLayoutEffect(() => {
    if (anchored) raise(box.current);
  }, [anchored, page.anchor.value]);

  const look = () => {
    away.value = distance(box.current) > NEAR * 2;
  };
  const scrolled = () => {
    follows.current = distance(box.current) < NEAR;
    look();
  };
  const grown = useRef(() => {});
  grown.current = () => {
    if (follows.current && !anchored) toEnd(box.current);
    look();
  };
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => grown.current());
    for (const part of [box.current, content.current]) if (part) watch.observe(part);
    return () => watch.disconnect();
  }, []);
  return (
    <div class="thread-frame">
      <section class="thread" ref={box} onScroll={scrolled} aria-label={words.value.thread}>
        <div ref={content}>
          <Earlier conversation={conversation} box={box} />
          {shown.length === 0 && <Blank conversation={conversation} />}
          {turns.map((turn) => (
            <div key={turn.key} class={anchored && turn === turns.at(-1) ? "turn anchored" : "turn"}>
              {turn.items.map((item) => (
                <OneItem key={item.key} item={item} conversation={conversation} />
              ))}
            </div>
          ))}
        </div>
      </section>
      {away.value && (
        <button
          type="button"
          class="to-end round"
          aria-label={words.value.toEnd}
          onClick={() => toEnd(box.current, true)}
        >
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function useItems(conversation: OpenConversation): Item[] {
  const letters = usePage().chat.outbox.letters.value.filter((one) => one.conversationId === conversation.id);
  const { entries, answers, steps } = conversation;
  return items({ entries: entries.value, answers: answers.value, steps: steps.value, letters });
}

function OneItem({ item, conversation }: { item: Item; conversation: OpenConversation }) {
  const { chat } = usePage();
  switch (item.kind) {
    case "user":
      return <UserMessage entry={item.entry} queued={item.queued} />;
    case "letter":
      return <LetterMessage letter={item.letter} online={chat.link.value !== "waiting"} />;
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

function Earlier({
  conversation,
  box,
}: {
  conversation: OpenConversation;
  box: { current: HTMLElement | null };
}) {
  const page = usePage();
  if (conversation.earlier.value === null) return null;
  const load = async () => {
    const below = distance(box.current);
    await conversation.loadEarlier().catch((error) => page.trouble(error));
    requestAnimationFrame(() =>
      box.current?.scrollTo({ top: box.current.scrollHeight - box.current.clientHeight - below }),
    );
  };
  return (
    <button type="button" class="earlier" onClick={() => void load()}>
      {words.value.earlier}
    </button>
  );
}
