// The kinds of message a thread shows: the user's words, the agent's answer, and a notice that there is none.
import type { Answer, ToolStep } from "../../../chat/answer";
import type { OutboxMessage } from "../../../store/store";
import { isUpload } from "../../../wire/attachment";
import type { Entry } from "../../../wire/entry";
import { clock, compact, dollars, seconds, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { memo } from "../../memo";
import { Icon } from "../Icon";
import { FileList } from "./FileList";
import { Markdown } from "./Markdown";
import { Tools } from "./Tools";

export const UserMessage = memo(({ entry, queued }: { entry: Entry; queued: boolean }) => (
  <article class="user" aria-label={`${words.value.you}, ${clock(entry.createdAt)}`}>
    {entry.text && <div class="bubble">{entry.text}</div>}
    <FileList files={entry.attachments} />
    {entry.status === "pending" && <p class="meta">{queued ? words.value.queued : words.value.sent}</p>}
  </article>
));

export const OutgoingMessage = memo(({ message, online }: { message: OutboxMessage; online: boolean }) => (
  <article class="user" aria-label={words.value.you}>
    {message.text && <div class={message.refused ? "bubble" : "bubble leaving"}>{message.text}</div>}
    <FileList files={message.attachments} />
    {message.refused ? (
      <Refused message={message} />
    ) : (
      <p class="meta">{online ? words.value.sending : words.value.keptOffline}</p>
    )}
  </article>
));

function Refused({ message }: { message: OutboxMessage }) {
  const page = usePage();
  const { id } = message;
  const { notSent, retry, discard } = words.value;
  return (
    <div class="meta failed" role="alert">
      <span>
        {notSent} · {message.refused?.message}
      </span>
      <button type="button" onClick={() => void page.dispatch({ kind: "retry", id })}>
        {retry}
      </button>
      <button type="button" onClick={() => void page.dispatch({ kind: "discard", id })}>
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

export const AgentMessage = memo(({ entry, answer, tools }: AgentProps) => (
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

export const NoticeMessage = memo(({ entry, question }: { entry: Entry; question: string | undefined }) => {
  const page = usePage();
  const { conversationId, turn } = entry;
  const asked = page.chat.open.find(conversationId)?.entries.value.find((one) => one.id === turn);
  const attachments = asked?.attachments?.filter(isUpload);
  return (
    <article class="notice" aria-label={words.value.notice}>
      <Icon name="warn" />
      <p>{entry.text}</p>
      {entry.retryable && (question || attachments?.length) && (
        <button
          type="button"
          onClick={() =>
            void page.dispatch({ kind: "send", conversationId, text: question ?? "", attachments })
          }
        >
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
