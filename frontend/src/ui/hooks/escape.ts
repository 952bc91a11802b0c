// Esc closes what is open, else it stops the answer.
import { useEffect } from "preact/hooks";
import { usePage } from "./page";

export function useEscape(): void {
  const { view, chat } = usePage();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      if (view.top !== "page" || document.querySelector(":popover-open")) return;
      if (view.sidebarOpen.value) view.sidebarOpen.value = false;
      else chat.stop();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [view, chat]);
}
