// The page around a component.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Page } from "../../page";

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("no page around this part");
  return page;
}
