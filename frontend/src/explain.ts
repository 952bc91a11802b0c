// What went wrong, in words for the person and in the language of the page.
import { StoreError } from "./store/store";
import { ApiError } from "./wire/api";
import { ShapeError } from "./wire/shape";
import { refusalOf, words } from "./words/words";

export function explain(error: unknown): string {
  const { offline, odd, storeRefused, wrong } = words.value;
  if (error instanceof StoreError) return storeRefused;
  if (error instanceof ShapeError || error instanceof SyntaxError) return odd;
  if (error instanceof ApiError)
    return error.code === "offline" ? offline : refusalOf(error.code, error.message);
  return error instanceof Error && error.message ? `${wrong} ${error.message}` : wrong;
}
