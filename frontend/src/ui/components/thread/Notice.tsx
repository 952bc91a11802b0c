// A notice that there is no answer: why, in the page's language, and what it advises as a button.
import type { Entry } from "../../../wire/entry";
import { adviceOf, failureOf, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { memo } from "../../memo";
import { Icon } from "../Icon";
import { askAgain, Way } from "./AgentMessage";

interface NoticeProps {
  entry: Entry;
  question: string | undefined;
  /** Nothing was said since. */
  isLast: boolean;
}

export const NoticeMessage = memo(({ entry, question, isLast }: NoticeProps) => (
  <article class="notice" aria-label={words.value.notice}>
    <Icon name="warn" />
    <p role={isLast ? "alert" : undefined}>{failureOf(entry)}</p>
    <AdvicedWay entry={entry} question={question} />
  </article>
));

function AdvicedWay({ entry, question }: { entry: Entry; question: string | undefined }) {
  const page = usePage();
  const { retry, edit, newConversation, chooseModel } = words.value;
  const advice = adviceOf(entry);
  if (advice === "choose_model") return <Way label={chooseModel} run={() => page.chooseModel()} />;
  if (question === undefined || advice === "none") return null;
  if (advice === "edit") return <Way label={edit} run={() => page.suggest(question)} />;
  if (advice === "new_conversation")
    return <Way label={newConversation} run={() => page.attempt(page.startOver(question))} />;
  return <Way label={retry} run={() => askAgain(page, entry, question)} />;
}
