// Cards on which the person allows or denies a command: open ones with their buttons, decided ones as one line.
import type { Ref } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Approval } from "../../../chat/approvals";
import type { Decision } from "../../../wire/protocol";
import { clock, words } from "../../../words/words";
import { useLasting } from "../../hooks/now";
import { usePage } from "../../hooks/page";
import { visible } from "../../visible";
import { Icon } from "../Icon";

const SEEN_MS = 500; // a click that was on its way when a card came is not meant for it

export function Approvals({ approvals }: { approvals: readonly Approval[] }) {
  return (
    <>
      {approvals.map((one) => (
        <Card key={one.id} approval={one} />
      ))}
    </>
  );
}

function Card({ approval }: { approval: Approval }) {
  const { chat } = usePage();
  const { id, state } = approval;
  const line = useRef<HTMLElement>(null);
  const pressed = useRef(false);
  const seen = useLasting(true, SEEN_MS);
  const sending = chat.decisions.sent.value.has(id);
  useEffect(() => {
    const { activeElement, body } = document;
    if (pressed.current && activeElement === body) line.current?.focus(); // it was on the button, which is gone
  }, [state]);
  const decide = (decision: Decision) => {
    pressed.current = true;
    chat.decide(id, decision);
  };
  if (state !== "open") return <Decided approval={approval} line={line} />;
  return <Open approval={approval} sending={sending} decide={seen && !sending ? decide : null} />;
}

interface OpenProps {
  approval: Approval;
  sending: boolean;
  /** Null while nothing can be decided. */
  decide: ((decision: Decision) => void) | null;
}

export function Open({ approval, sending, decide }: OpenProps) {
  const { id, command, cwd, expiresAt } = approval;
  const { asks, folder, until, allowOnce, deny } = words.value.approval;
  return (
    <fieldset class="approval" aria-labelledby={`asks-${id}`}>
      <p id={`asks-${id}`}>
        <strong>{asks}</strong>
      </p>
      <Command text={command} />
      <p class="hint">
        {cwd && (
          <>
            {folder} <bdi>{visible(cwd).join("")}</bdi>
          </>
        )}
        {cwd && expiresAt && " · "}
        {expiresAt && until(clock(expiresAt))}
      </p>
      <div class="approval-ways">
        <Way label={allowOnce} look="accent-button" run={decide && (() => decide("allow"))} />
        <Way label={deny} look="plain-button" run={decide && (() => decide("deny"))} />
        <span class="hint" role="status">
          {sending && words.value.sending}
        </span>
      </div>
    </fieldset>
  );
}

/** Not `disabled`: that would take the focus from it while the decision is on its way. */
function Way({ label, look, run }: { label: string; look: string; run: (() => void) | null }) {
  return (
    <button type="button" class={look} aria-disabled={!run} onClick={() => run?.()}>
      {label}
    </button>
  );
}

export function Decided({ approval, line }: { approval: Approval; line?: Ref<HTMLElement> }) {
  const { state, command } = approval;
  const { allowed, denied, notOpen } = words.value.approval;
  return (
    <details class="tools approval-decided" data-state={state}>
      <summary ref={line}>
        <Icon name="chevron" />
        <span>{state === "allowed" ? allowed : state === "denied" ? denied : notOpen}</span>
      </summary>
      <Command text={command} />
    </details>
  );
}

/** Sign by sign from left to right, as the machine reads it, whatever script it is in. */
function Command({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre class="command" tabIndex={0}>
      <bdo dir="ltr">
        {visible(text).map((piece, at) => (at % 2 ? <mark key={at}>{piece}</mark> : piece))}
      </bdo>
    </pre>
  );
}
