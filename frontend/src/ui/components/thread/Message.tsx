// The kinds of message a thread shows: the user's words, the agent's answer, and a notice that there is none.
import type { Answer, ToolStep } from "../../../chat/answer";
import { usePage } from "../../../page";
import type { Letter } from "../../../store/store";
import type { Entry } from "../../../wire/entry";
import { clock, compact, dollars, seconds, words } from "../../../words/words";
import { still } from "../../memo";
import { Icon } from "../Icon";
import { Markdown } from "./Markdown";
import { Tools } from "./Tools";

export const UserMessage = still(({ entry, queued }: { entry: Entry; queued: boolean }) => (
  <article class="user" aria-label={`${words.value.you}, ${clock(entry.createdAt)}`}>
    <div class="bubble">{entry.text}</div>
    {entry.status === "pending" && <p class="meta">{queued ? words.value.queued : words.value.sent}</p>}
  </article>
));

export const LetterMessage = still(({ letter, online }: { letter: Letter; online: boolean }) => (
  <article class="user" aria-label={words.value.you}>
    <div class={letter.refused ? "bubble" : "bubble leaving"}>{letter.text}</div>
    {letter.refused ? (
      <Refused letter={letter} />
    ) : (
      <p class="meta">{online ? words.value.sending : words.value.keptOffline}</p>
    )}
  </article>
));

function Refused({ letter }: { letter: Letter }) {
  const { chat } = usePage();
  const { notSent, retry, discard } = words.value;
  return (
    <div class="meta failed" role="alert">
      <span>
        {notSent} · {letter.refused?.message}
      </span>
      <button type="button" onClick={() => void chat.outbox.retry(letter.id)}>
        {retry}
      </button>
      <button type="button" onClick={() => void chat.outbox.discard(letter.id)}>
        {discard}
      </button>
    </div>
  );
}

interface AgentProps {
  entry?: Entry | undefined;
  answer?: Answer | undefined;
  tools: readonly ToolStep[];
}

export const AgentMessage = still(({ entry, answer, tools }: AgentProps) => (
  <article
    class="agent"
    aria-label={entry ? `${words.value.agent}, ${clock(entry.createdAt)}` : words.value.agent}
  >
    {tools.length > 0 && <Tools steps={tools} />}
    <Markdown text={entry?.text ?? answer?.text ?? ""} grows={!entry} />
    {entry ? <p class="meta">{metaLine(entry)}</p> : <p class="meta growing" aria-hidden="true" />}
  </article>
));

function metaLine(entry: Entry): string {
  const { stopped, tokens } = words.value;
  const { usage, durationMs } = entry;
  const parts = [
    entry.status === "cancelled" ? stopped : "",
    durationMs === undefined ? "" : seconds(durationMs / 1000, 1),
    usage?.outputTokens ? `${compact(usage.inputTokens + usage.outputTokens)} ${tokens}` : "",
    usage?.costUsd ? dollars(usage.costUsd) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

export const NoticeMessage = still(({ entry, question }: { entry: Entry; question: string | undefined }) => {
  const { chat } = usePage();
  return (
    <article class="notice" aria-label={words.value.notice}>
      <Icon name="warn" />
      <p>{entry.text}</p>
      {entry.retryable && question && (
        <button type="button" onClick={() => void chat.send(question, entry.conversationId)}>
          {words.value.retry}
        </button>
      )}
    </article>
  );
});

export function Waiting({ turn }: { turn: string }) {
  const { chat } = usePage();
  const { thinking, stopping, waitsForWake } = words.value;
  const state = chat.status.value?.status;
  const awake = state === "running" || state === undefined;
  const text = chat.stopping.value.has(turn) ? stopping : awake ? thinking : waitsForWake;
  return (
    <p class="waiting">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {text}
    </p>
  );
}
