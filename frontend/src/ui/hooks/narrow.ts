// Whether the page is as narrow as a phone.
import { signal } from "@preact/signals";

const query = window.matchMedia("(max-width: 759px)");
const narrow = signal(query.matches);
query.addEventListener("change", () => {
  narrow.value = query.matches;
});

export function useNarrow(): boolean {
  return narrow.value;
}
