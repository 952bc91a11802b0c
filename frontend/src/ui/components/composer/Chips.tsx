// The files of the message that is being written: how far each is uploaded, and the way to take it out again.
import type { Chip } from "../../../chat/attachments";
import { explain } from "../../../explain";
import { size, words } from "../../../words/words";
import { usePage } from "../../hooks/page";

export function Chips({ conversationId }: { conversationId: string }) {
  const { attachments } = usePage();
  const chips = attachments.of(conversationId);
  if (!chips.length) return null;
  return (
    <ul class="files" aria-label={words.value.files}>
      {chips.map((chip) => (
        <FileChip
          key={chip.key}
          chip={chip}
          remove={() => attachments.remove(conversationId, chip.key)}
          retry={() => attachments.retry(conversationId, chip.key)}
        />
      ))}
    </ul>
  );
}

function FileChip({ chip, remove, retry }: { chip: Chip; remove(): void; retry(): void }) {
  const { close, removeFile, retry: again, uploading, uploaded } = words.value;
  const state = chip.error ? explain(chip.error) : chip.attachment ? uploaded : uploading;
  return (
    <li class="file" data-failed={Boolean(chip.error)}>
      <span class="file-name">{chip.name}</span>
      <span class="file-size">{size(chip.bytes)}</span>
      {!chip.attachment && !chip.error && (
        <progress max={1} value={chip.progress} aria-label={`${uploading} ${chip.name}`} />
      )}
      <span class={chip.error ? "file-problem" : "unseen"} role="status">
        {state}
      </span>
      {Boolean(chip.error) && (
        <button type="button" onClick={retry}>
          {again}
        </button>
      )}
      <button
        type="button"
        class="file-remove"
        aria-label={removeFile(chip.name)}
        title={close}
        onClick={remove}
      >
        ×
      </button>
    </li>
  );
}
