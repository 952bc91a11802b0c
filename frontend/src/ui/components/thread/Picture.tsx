// A picture as large as the page.
import { useEffect, useRef } from "preact/hooks";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { Icon } from "../Icon";
import { ToastList } from "../ToastList";

export function Picture() {
  const { view } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = view.picture.value;
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const close = () => {
    view.picture.value = null;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself
    <dialog ref={dialog} class="enlarged" aria-label={shown?.name ?? ""} onClose={close} onClick={close}>
      <button type="button" class="icon-button" aria-label={words.value.close}>
        <Icon name="close" />
      </button>
      {shown && <img src={shown.url} alt={shown.name} />}
      <ToastList at="picture" />
    </dialog>
  );
}
