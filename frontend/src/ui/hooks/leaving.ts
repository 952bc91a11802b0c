// A link of an answer opens only after the person has seen where it leads: a model chose its address.
import { useEffect } from "preact/hooks";
import { readOutside } from "../../prose/outside";
import { usePage } from "./page";

const SECONDARY = 2; // it opens a menu, which shows the address

export function useLeaving(): void {
  const { view, openHosts } = usePage();
  useEffect(() => {
    const clicked = (event: MouseEvent) => {
      if (event.button === SECONDARY || !(event.target instanceof Element)) return;
      const link = event.target.closest<HTMLAnchorElement>(".prose a[href]");
      if (!link) return;
      const outside = readOutside(link.href);
      if (outside && openHosts.has(outside)) return;
      event.preventDefault();
      view.leaving.value = outside;
    };
    document.addEventListener("click", clicked);
    document.addEventListener("auxclick", clicked); // the middle button opens a tab
    return () => {
      document.removeEventListener("click", clicked);
      document.removeEventListener("auxclick", clicked);
    };
  }, [view, openHosts]);
}
