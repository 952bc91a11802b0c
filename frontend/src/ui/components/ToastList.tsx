// The toasts at the edge of the page.

import { words } from "../../words/words";
import { usePage } from "../hooks/page";
import { Icon } from "./Icon";

export function ToastList() {
  const { toasts } = usePage();
  return (
    <div class="toasts" aria-live="polite">
      {toasts.shown.value.map(({ id, text, tone, action }) => (
        <div key={id} class="toast" data-tone={tone}>
          <p>{text}</p>
          {action && (
            <button
              type="button"
              class="toast-action"
              onClick={() => {
                toasts.dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label={words.value.close}
            onClick={() => toasts.dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
