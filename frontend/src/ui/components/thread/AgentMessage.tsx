// The agent's answer: what it did, what it says, the files that came with it, and how it ended.
import type { Answer, ToolStep } from "../../../chat/answer";
import type { Approval } from "../../../chat/approvals";
import type { Entry } from "../../../wire/entry";
import { clock, compact, dollars, failureOf, seconds, words } from "../../../words/words";
import { memo } from "../../memo";
import { AnswerActions } from "./Actions";
import { Asked } from "./Asked";
import { Markdown } from "./Markdown";
import { MediaList } from "./MediaList";
import { LongThought } from "./Message";
import { Tools } from "./Tools";
import { Ways } from "./Ways";

interface AgentProps {
  entry?: Entry | undefined;
  answer?: Answer | undefined;
  tools: readonly ToolStep[];
  approvals: readonly Approval[];
  /** What was asked, if this is the last answer: then one can go on from it. */
  question: string | undefined;
}

export const AgentMessage = memo(({ entry, answer, tools, approvals, question }: AgentProps) => {
  const media = entry?.media ?? answer?.media ?? [];
  return (
    <article
      class="agent"
      data-seq={entry?.seq}
      aria-label={entry ? `${words.value.agent}, ${clock(entry.createdAt)}` : words.value.agent}
    >
      {tools.length > 0 && <Tools steps={tools} />}
      {approvals.length > 0 && <Asked approvals={approvals} />}
      <Markdown text={entry?.text ?? answer?.text ?? ""} grows={!entry} />
      {media.length > 0 && <MediaList media={media} />}
      {entry && <Ending entry={entry} question={question} />}
      {entry ? <Foot entry={entry} /> : <Growing silent={answer?.silent ?? 0} />}
    </article>
  );
});

function Foot({ entry }: { entry: Entry }) {
  return (
    <p class="meta">
      {entry.text && <AnswerActions text={entry.text} />}
      {metaLine(entry)}
    </p>
  );
}

function Growing({ silent }: { silent: number }) {
  return silent ? <LongThought seconds={silent} /> : <p class="meta growing" aria-hidden="true" />;
}

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

/** An answer that is not whole says so, and offers what can be done about it. */
function Ending({ entry, question }: { entry: Entry; question: string | undefined }) {
  const { cutOff, declined, brokeOff } = words.value;
  const { stopReason } = entry;
  if (stopReason !== "length" && stopReason !== "declined" && stopReason !== "broken") return null;
  const why = entry.errorKey ? failureOf({ ...entry, text: "" }) : "";
  const text = { length: cutOff, declined, broken: why ? `${brokeOff} ${why}` : brokeOff }[stopReason];
  return (
    <div class="ending" data-reason={stopReason} role={question === undefined ? undefined : "status"}>
      <p>{text}</p>
      {question !== undefined && <Ways entry={entry} question={question} />}
    </div>
  );
}
