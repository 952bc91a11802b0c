// Whose links open without asking, and the way back.
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";

export function OpenHosts() {
  const { openHosts } = usePage();
  const hosts = openHosts.list.value;
  const { openWithoutAsking, askAgain } = words.value;
  if (!hosts.length) return null;
  return (
    <div>
      <div class="choice">
        <span>{openWithoutAsking}</span>
        <button
          type="button"
          class="plain-button"
          aria-describedby="open-hosts"
          onClick={() => openHosts.clear()}
        >
          {askAgain}
        </button>
      </div>
      <p class="hint" id="open-hosts">
        {hosts.join(", ")}
      </p>
    </div>
  );
}
