// The person's words: said, on their way, or refused; and the sign that an answer is awaited.
import type { OutboxMessage } from "../../../store/store";
import type { Entry } from "../../../wire/entry";
import { clock, refusalOf, seconds, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { memo } from "../../memo";
import { UserActions } from "./Actions";
import { FileList } from "./FileList";

export const UserMessage = memo(({ entry, queued }: { entry: Entry; queued: boolean }) => (
  <article class="user" data-seq={entry.seq} aria-label={`${words.value.you}, ${clock(entry.createdAt)}`}>
    {entry.text && <div class="bubble">{entry.text}</div>}
    <FileList files={entry.attachments} />
    {(entry.text || entry.status === "pending") && (
      <p class="meta">
        {entry.text && <UserActions text={entry.text} />}
        {entry.status === "pending" && (queued ? words.value.queued : words.value.sent)}
      </p>
    )}
  </article>
));

export const OutgoingMessage = memo(({ message, online }: { message: OutboxMessage; online: boolean }) => (
  <article class="user" aria-label={words.value.you}>
    {message.text && <div class={message.refused ? "bubble" : "bubble leaving"}>{message.text}</div>}
    <FileList files={message.attachments} />
    {message.refused ? (
      <Refused message={message} />
    ) : (
      <p class="meta">
        <OnItsWay message={message} online={online} />
      </p>
    )}
  </article>
));

function OnItsWay({ message, online }: { message: OutboxMessage; online: boolean }) {
  const until = usePage().chat.outbox.held.value.get(message.conversationId);
  const { sending, keptOffline, sentLater } = words.value;
  if (until !== undefined) return <>{sentLater(clock(new Date(until).toISOString()))}</>;
  return <>{online ? sending : keptOffline}</>;
}

function Refused({ message }: { message: OutboxMessage }) {
  const page = usePage();
  const { id } = message;
  const { notSent, retry, discard } = words.value;
  return (
    <div class="meta failed" role="alert">
      <span>
        {notSent} · {message.refused && refusalOf(message.refused.code, message.refused.message)}
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

export function Waiting({ turn, silent }: { turn: string; silent: number }) {
  const { chat } = usePage();
  const { thinking, stopping, waitsForWake } = words.value;
  if (silent && !chat.stopping.value.has(turn)) return <LongThought seconds={silent} />;
  const state = chat.status.value?.status;
  const awake = state === "running" || state === undefined;
  const text = chat.stopping.value.has(turn) ? stopping : awake ? thinking : waitsForWake;
  return (
    <p class="waiting">
      <Dots />
      {text}
    </p>
  );
}

/** A model may think for long: that is said, and one need not wait. */
export function LongThought({ seconds: silent }: { seconds: number }) {
  const { chat } = usePage();
  const { longThought, cancel } = words.value;
  return (
    <p class="waiting" role="status">
      <Dots />
      {longThought(seconds(silent))}
      <button type="button" onClick={() => chat.stop()}>
        {cancel}
      </button>
    </p>
  );
}

function Dots() {
  return (
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
