// The field in which one looks for what was said. Ctrl+K, or ⌘K, leads there from anywhere.
import { useEffect, useRef } from "preact/hooks";
import { words } from "../../../words/words";
import { useNarrow } from "../../hooks/narrow";
import { usePage } from "../../hooks/page";

export function SearchBox() {
  const { search, view } = usePage();
  const narrow = useNarrow();
  const field = useRef<HTMLInputElement>(null);
  const wanted = useRef(false);
  useEffect(() => {
    const lead = (event: KeyboardEvent) => {
      if (event.code !== "KeyK" || !isShortcut(event) || view.top !== "page") return;
      event.preventDefault(); // some browsers have a search of their own there
      view.sidebarOpen.value = narrow;
      wanted.current = true;
      field.current?.focus();
    };
    addEventListener("keydown", lead);
    return () => removeEventListener("keydown", lead);
  }, [narrow]);
  useEffect(() => {
    if (wanted.current) field.current?.focus(); // in the drawer, which could not have it before it was drawn
    wanted.current = false;
  }, [view.sidebarOpen.value]);
  const leave = (input: HTMLInputElement) => {
    input.blur();
    if (narrow) view.sidebarOpen.value = false;
  };
  return (
    <input
      ref={field}
      type="search"
      class="search"
      placeholder={words.value.search}
      aria-label={words.value.searchAll}
      aria-keyshortcuts="Control+K Meta+K"
      maxLength={200}
      value={search.words.value}
      onInput={(event) => search.type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.isComposing || event.key !== "Escape") return;
        event.preventDefault(); // Esc would also stop the answer
        if (search.words.value) search.clear();
        else leave(event.currentTarget);
      }}
    />
  );
}

/** On a Mac Ctrl+K deletes to the end of the line. */
function isShortcut(event: KeyboardEvent): boolean {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return !event.shiftKey && !event.altKey && (mac ? event.metaKey : event.ctrlKey);
}
