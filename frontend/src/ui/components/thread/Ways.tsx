// What can be done about an answer that is not whole, or is none: as buttons.
import type { Page } from "../../../page";
import { isUpload } from "../../../wire/attachment";
import type { Entry } from "../../../wire/entry";
import { adviceOf, words } from "../../../words/words";
import { usePage } from "../../hooks/page";

/** Below an answer that is not whole. */
export function Ways({ entry, question }: { entry: Entry; question: string }) {
  const page = usePage();
  const { goOn, goOnText, retry, edit } = words.value;
  const { conversationId, stopReason } = entry;
  const proceed = () => void page.dispatch({ kind: "send", conversationId, text: goOnText });
  if (stopReason === "declined") return <Way label={edit} run={() => page.suggest(question)} />;
  return (
    <>
      {stopReason === "broken" && adviceOf(entry) !== "retry" && (
        <AdvisedWay entry={entry} question={question} />
      )}
      {stopReason === "broken" && askedOf(page, entry) && (
        <Way label={retry} run={() => askAgain(page, entry, question)} />
      )}
      <Way label={goOn} run={proceed} />
    </>
  );
}

function askedOf(page: Page, { conversationId, turn }: Entry): Entry | undefined {
  return page.chat.open.find(conversationId)?.entries.value.find((one) => one.id === turn);
}

/** The same question with the same files. */
function askAgain(page: Page, entry: Entry, text: string): void {
  const { conversationId } = entry;
  const attachments = askedOf(page, entry)?.attachments?.filter(isUpload);
  void page.dispatch({ kind: "send", conversationId, text, attachments });
}

function Way({ label, run }: { label: string; run(): void }) {
  return (
    <button type="button" onClick={run}>
      {label}
    </button>
  );
}

/** What the failure advises. */
export function AdvisedWay({ entry, question }: { entry: Entry; question: string | undefined }) {
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
