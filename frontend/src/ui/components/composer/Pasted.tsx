// A long text that was pasted: a chip instead of thousands of lines in the field.
import { whole, words } from "../../../words/words";
import type { Draft } from "../../hooks/draft";
import { Icon } from "../Icon";

const LONG = 8_000; // characters
const MANY = 200; // lines

/** Whether a text is better kept beside the field than in it. */
export function isLong(text: string): boolean {
  return text.length > LONG || linesOf(text) > MANY;
}

export function Pasted({ draft }: { draft: Draft }) {
  const text = draft.pasted.value;
  const { pastedText, putIn, discard } = words.value;
  if (!text) return null;
  const edit = () => {
    draft.write([draft.text.value, text].filter(Boolean).join("\n\n"));
    draft.paste("");
  };
  return (
    <div class="pasted">
      <Icon name="file" />
      <span>{pastedText(whole(linesOf(text)))}</span>
      <button type="button" class="plain-button" onClick={edit}>
        {putIn}
      </button>
      <button type="button" class="icon-button" aria-label={discard} onClick={() => draft.paste("")}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function linesOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
