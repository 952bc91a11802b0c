// What the Markdown chunk holds.
import type { Token } from "marked";
import { render } from "./markdown";
import { purify } from "./sanitize";

export { type Block, Blocks } from "./blocks";

export function draw(token: Token): DocumentFragment {
  return purify(render(token));
}
