// A component that is drawn again only when one of its properties is another one.
import { Component, type ComponentType, h } from "preact";

export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const keys = Object.keys({ ...next, ...this.props }) as (keyof P)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }

    render(props: P) {
      return h(Inner, props);
    }
  };
}
