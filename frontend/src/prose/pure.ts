// The second wall behind the renderer: only the tags Markdown can make, as nodes and never as a string.
import DOMPurify from "dompurify";

const TAGS =
  "a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr input li ol p pre strong table tbody td th thead tr ul".split(
    " ",
  );
const ATTRIBUTES = [
  "align",
  "checked",
  "class",
  "data-language",
  "disabled",
  "href",
  "rel",
  "start",
  "target",
  "type",
];

export function purify(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
