// Why the newest backup could not be restored, and the older one to start from as a button.
import { useEffect } from "preact/hooks";
import type { Status } from "../../../wire/status";
import { moment, noteOf, words } from "../../../words/words";
import { usePage } from "../../hooks/page";

export function WayOut({ status }: { status: Status }) {
  const page = usePage();
  const { older, isGoingBack } = page.backups;
  useEffect(() => page.attempt(page.backups.look()), [page, status.noteCode, status.status]);
  return (
    <div class="chip">
      <p class="chip-late">{noteOf(status)}</p>
      {older.value && (
        <button
          type="button"
          class="chip-way"
          disabled={isGoingBack.value}
          onClick={() => page.attempt(page.goBack())}
        >
          {isGoingBack.value ? words.value.goingBack : words.value.goBack(moment(older.value.madeAt))}
        </button>
      )}
    </div>
  );
}
