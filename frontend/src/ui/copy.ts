// Into the clipboard, which a browser may refuse: without https, or because its owner chose so.
import { words } from "../words/words";

export const SHOWN_MS = 1_500; // milliseconds for which a button says that it has copied

/** Never throws: the button says whether it has worked. */
export async function copyText(button: HTMLButtonElement, text: string): Promise<void> {
  const { copied, notCopied } = words.value;
  try {
    await navigator.clipboard.writeText(text); // without https there is no clipboard
    button.textContent = copied;
  } catch {
    button.textContent = notCopied;
  }
  setTimeout(() => {
    button.textContent = words.value.copy;
  }, SHOWN_MS);
}

/** The text, and how it is drawn for programs that paste that. Throws, with words for the person, when refused. */
export async function copyMessage(text: string, drawn: Element | null | undefined): Promise<void> {
  try {
    if (drawn && !drawn.matches(".plain") && "write" in navigator.clipboard)
      await navigator.clipboard.write([item(text, drawn)]);
    else await navigator.clipboard.writeText(text);
  } catch {
    throw new Error(words.value.copyRefused);
  }
}

function item(text: string, drawn: Element): ClipboardItem {
  const copy = drawn.cloneNode(true) as Element;
  for (const head of copy.querySelectorAll("figcaption")) head.remove(); // buttons of the page
  return new ClipboardItem({
    "text/plain": blob(text, "text/plain"),
    "text/html": blob(copy.innerHTML, "text/html"),
  });
}

function blob(text: string, type: string): Blob {
  return new Blob([text], { type });
}
