// A fenced block: its language, a copy button, and the code in a box that scrolls sideways.
import { words } from "../../../words/words";
import { copyText } from "../../copy";

export function CodeBlock({ text, language }: { text: string; language: string }) {
  return (
    <figure class="code">
      <figcaption>
        <span>{/^[\w+#.-]+/.exec(language)?.[0] ?? ""}</span>
        <button type="button" onClick={(event) => void copyText(event.currentTarget, text)}>
          {words.value.copy}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
