// What can be done with a message that is there: copy it, or write it once more.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { words } from "../../../words/words";
import { copyMessage, SHOWN_MS } from "../../copy";
import { usePage } from "../../hooks/page";
import { Icon } from "../Icon";

/** Of an answer: programs that know formatting paste it as it is drawn, all others its Markdown. */
export function AnswerActions({ text }: { text: string }) {
  return (
    <span class="actions">
      <Copy label={words.value.copyAnswer} text={text} />
    </span>
  );
}

export function UserActions({ text }: { text: string }) {
  const page = usePage();
  const { copyWords, editWords } = words.value;
  return (
    <span class="actions">
      <Copy label={copyWords} text={text} />
      <button type="button" aria-label={editWords} title={editWords} onClick={() => page.suggest(text)}>
        <Icon name="edit" />
      </button>
    </span>
  );
}

function Copy({ label, text }: { label: string; text: string }) {
  const { attempt } = usePage();
  const copied = useSignal(false);
  useEffect(() => {
    if (!copied.value) return;
    const timer = setTimeout(() => {
      copied.value = false;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied.value]);
  const copy = async (button: HTMLElement) => {
    await copyMessage(text, button.closest("article")?.querySelector(".prose"));
    copied.value = true;
  };
  const said = copied.value ? words.value.copied : label;
  return (
    <>
      <button
        type="button"
        aria-label={said}
        title={said}
        onClick={(event) => attempt(copy(event.currentTarget))}
      >
        <Icon name={copied.value ? "check" : "copy"} />
      </button>
      <span class="unseen" role="status">
        {copied.value && words.value.copied}
      </span>
    </>
  );
}
