// What a component without state draws, as a tree to look into: no DOM is needed for that.
import type { ComponentChild, FunctionComponent, VNode } from "preact";

export interface Element {
  tag: string;
  props: Record<string, unknown>;
  text: string;
}

type Props = Record<string, unknown> & { children?: ComponentChild };

/** All elements, each before those that are in it. */
export function elements(node: ComponentChild): Element[] {
  if (Array.isArray(node)) return node.flatMap(elements);
  if (!isElement(node)) return [];
  const { type, props } = node;
  if (typeof type === "function") return elements((type as FunctionComponent)(props) as ComponentChild);
  return [{ tag: type, props, text: text(props.children) }, ...elements(props.children)];
}

export function text(node: ComponentChild): string {
  if (Array.isArray(node)) return node.map(text).join("");
  if (!isElement(node))
    return node === null || node === undefined || typeof node === "boolean" ? "" : `${node}`;
  const { type, props } = node;
  return text(
    typeof type === "function" ? ((type as FunctionComponent)(props) as ComponentChild) : props.children,
  );
}

function isElement(node: ComponentChild): node is VNode<Props> & { type: string | FunctionComponent<Props> } {
  return typeof node === "object" && node !== null && "type" in node;
}
