// A notice that there is no answer: why, in the page's language, and what it advises as a button.
import type { Entry } from "../../../wire/entry";
import { failureOf, words } from "../../../words/words";
import { memo } from "../../memo";
import { Icon } from "../Icon";
import { AdvisedWay } from "./Ways";

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
    <AdvisedWay entry={entry} question={question} />
  </article>
));
