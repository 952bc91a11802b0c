// Where a link leads, before it is followed: the whole address, with what is to be known about it.
import { useEffect, useRef } from "preact/hooks";
import type { Outside } from "../../../prose/outside";
import { words } from "../../../words/words";
import { copyText } from "../../copy";
import { usePage } from "../../hooks/page";
import { ToastList } from "../ToastList";

export function LinkSheet() {
  const { view } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const leaving = view.leaving.value;
  useEffect(() => {
    if (leaving) dialog.current?.showModal();
    else dialog.current?.close();
  }, [leaving]);
  const close = () => {
    view.leaving.value = null;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself; the click is on its backdrop
    <dialog
      ref={dialog}
      class="leaving"
      aria-labelledby="leaving-title"
      aria-describedby="leaving-address"
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {leaving && <Sheet outside={leaving} close={close} />}
      <ToastList at="link" />
    </dialog>
  );
}

function Sheet({ outside, close }: { outside: Outside; close: () => void }) {
  const { openHosts, attempt } = usePage();
  const always = useRef<HTMLInputElement>(null);
  const { openLink, writeMail, openIt, copy, cancel } = words.value;
  const { href, kind } = outside;
  const open = () => {
    if (always.current?.checked) openHosts.add(outside);
    close();
  };
  return (
    <div class="leaving-body">
      <h2 id="leaving-title" tabIndex={-1} autofocus>
        {kind === "mail" ? writeMail : openLink}
      </h2>
      <Address outside={outside} />
      {kind !== "mail" && (
        <label class="leaving-always">
          <input type="checkbox" ref={always} />
          <span>{words.value.alwaysOpen(outside.host)}</span>
        </label>
      )}
      <div class="leaving-ways">
        <a class="accent-button" href={href} target="_blank" rel="noopener noreferrer" onClick={open}>
          {openIt}
        </a>
        <button
          type="button"
          class="plain-button"
          onClick={(event) => attempt(copyText(event.currentTarget, href))}
        >
          {copy}
        </button>
        <button type="button" class="plain-button" onClick={close}>
          {cancel}
        </button>
      </div>
    </div>
  );
}

function Address({ outside: { href, host, kind, isCoded } }: { outside: Outside }) {
  return (
    <div id="leaving-address">
      <p class="leaving-host" dir="ltr">
        {host}
      </p>
      {kind === "http" && <p class="leaving-warning">{words.value.notEncrypted}</p>}
      {isCoded && <p class="leaving-warning">{words.value.codedHost}</p>}
      <code dir="ltr">{href}</code>
    </div>
  );
}
