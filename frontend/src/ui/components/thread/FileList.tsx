// The files that came with a message, as the thread names them.
import type { Attachment } from "../../../wire/attachment";
import { size, words } from "../../../words/words";

export function FileList({ files }: { files: readonly Attachment[] | undefined }) {
  if (!files?.length) return null;
  return (
    <ul class="files" aria-label={words.value.files}>
      {files.map((file) => (
        <li class="file" key={file.id}>
          <span class="file-name">{file.name}</span>
          <span class="file-size">{size(file.bytes)}</span>
        </li>
      ))}
    </ul>
  );
}
