// The toasts at the edge of the page.

import type { View } from "../../view";
import { words } from "../../words/words";
import { usePage } from "../hooks/page";
import { Icon } from "./Icon";

/** In the page and in each dialog, which makes inert all that is not in it. */
export function ToastList({ at }: { at: View["top"] }) {
  const { toasts, view } = usePage();
  return (
    <div class="toasts" aria-live="polite">
      {(view.top === at ? toasts.shown.value : []).map(({ id, text, tone, action }) => (
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
