// The field in which one looks for what was said. Ctrl+K, or ⌘K, leads there from anywhere.
import { useEffect, useRef } from "preact/hooks";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";

export function SearchBox() {
  const { search, view } = usePage();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const lead = (event: KeyboardEvent) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || view.top !== "page") return;
      event.preventDefault(); // some browsers have a search of their own there
      view.sidebarOpen.value = true;
      requestAnimationFrame(() => field.current?.focus()); // on a phone the side is drawn first
    };
    addEventListener("keydown", lead);
    return () => removeEventListener("keydown", lead);
  }, []);
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
        if (event.isComposing || event.key !== "Escape" || !search.words.value) return;
        event.preventDefault(); // Esc would also stop the answer
        search.clear();
      }}
    />
  );
}
