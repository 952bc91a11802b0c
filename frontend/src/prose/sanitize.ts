// Checks behind the renderer once more: only the tags Markdown can make, as nodes and never as a string.
import DOMPurify from "dompurify";

const TAGS =
  "a bdi blockquote br code del div em h2 h3 h4 h5 h6 hr li ol p pre span strong table tbody td th thead tr ul";
const PLAIN = "align class data-language rel start target".split(" ");

export function purify(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS.split(" "),
    ALLOWED_ATTR: ["href", ...PLAIN],
    ADD_URI_SAFE_ATTR: PLAIN, // the rule for addresses would refuse their values
    ALLOWED_URI_REGEXP: /^(?:https?:[/\\]+[^/?#\\@]*(?:[/?#\\]|$)|mailto:)/i, // with nothing before its host
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
