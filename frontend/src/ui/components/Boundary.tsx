// What cannot be drawn is told and shown as plain text; the rest of the page goes on.
import { Component, type ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { words } from "../../words/words";

interface BoundaryProps {
  /** What is drawn; another one is tried again. */
  of: unknown;
  instead: (error: unknown) => ComponentChildren;
  children: ComponentChildren;
}

export class Boundary extends Component<BoundaryProps, { error: unknown }> {
  override state = { error: undefined as unknown };

  static override getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error("unknown") };
  }

  override componentDidUpdate(before: Readonly<BoundaryProps>): void {
    if (this.state.error !== undefined && before.of !== this.props.of) this.setState({ error: undefined });
  }

  render() {
    return this.state.error === undefined ? this.props.children : this.props.instead(this.state.error);
  }
}

/** Around one message. */
export function EntryBoundary({ text, children }: { text: string; children: ComponentChildren }) {
  return (
    <Boundary of={text} instead={() => <Unshown text={text} />}>
      {children}
    </Boundary>
  );
}

function Unshown({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const { notice, notShown, showPlain } = words.value;
  return (
    <article class="notice" aria-label={notice}>
      <p>{open ? text : notShown}</p>
      {!open && (
        <button type="button" onClick={() => setOpen(true)}>
          {showPlain}
        </button>
      )}
    </article>
  );
}

/** Around the screen: the words that are not sent are stored, so that a reload loses nothing. */
export function ScreenBoundary({ of, children }: { of: unknown; children: ComponentChildren }) {
  return (
    <Boundary of={of} instead={(error) => <BrokenScreen error={error} />}>
      {children}
    </Boundary>
  );
}

function BrokenScreen({ error }: { error: unknown }) {
  const { name, screenBroken, reload } = words.value;
  return (
    <main class="entry">
      <h1>{name}</h1>
      <p role="alert">{screenBroken}</p>
      <p class="hint">{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" class="accent-button" onClick={() => window.location.reload()}>
        {reload}
      </button>
    </main>
  );
}
