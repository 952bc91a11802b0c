// Code inside lists and quotes comes as plain nodes: it gets the same head as a block of its own.
import { words } from "../words/words";
import { copyText } from "./copy";

export function addCodeHeads(fragment: DocumentFragment): void {
  for (const pre of fragment.querySelectorAll("pre")) {
    const figure = document.createElement("figure");
    figure.className = "code";
    pre.replaceWith(figure);
    pre.tabIndex = 0;
    figure.append(head(pre), pre);
  }
}

function head(pre: HTMLPreElement): HTMLElement {
  const caption = document.createElement("figcaption");
  const language = document.createElement("span");
  language.textContent = pre.dataset.language ?? "";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.value.copy;
  button.addEventListener("click", () => void copyText(button, pre.textContent ?? ""));
  caption.append(language, button);
  return caption;
}
