// A text field as high as its text, where the browser cannot do that by itself.
import { useLayoutEffect } from "preact/hooks";

const NATIVE = CSS.supports("field-sizing", "content");

export function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string): void {
  // The text is what makes it grow.
  useLayoutEffect(() => {
    const area = field.current;
    if (NATIVE || !area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
}
