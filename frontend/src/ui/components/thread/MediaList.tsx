// Files that came with an answer: pictures to enlarge, players, downloads, and a word where one could not be had.
import type { Media } from "../../../wire/entry";
import { bytes, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { usePlace } from "../../hooks/place";
import { memo } from "../../memo";
import { Icon } from "../Icon";

export const MediaList = memo(({ media }: { media: readonly Media[] }) => (
  <ul class="media" aria-label={words.value.pictures}>
    {media.map((one) => (
      <li key={one.id}>{one.kind === "file" ? <Download media={one} /> : <Shown media={one} />}</li>
    ))}
  </ul>
));

function Shown({ media }: { media: Media }) {
  const { view } = usePage();
  const { url, failed, lost, retry } = usePlace(media.id);
  const { name, kind } = media;
  if (failed) return <NotHad name={name} retry={retry} />;
  if (!url) return <div class="media-wait" aria-hidden="true" />;
  const player = {
    controls: true,
    preload: "metadata",
    src: url,
    "aria-label": name,
    onError: lost,
  } as const;
  if (kind === "audio") return <audio {...player} />;
  if (kind === "video") return <video {...player} />;
  return (
    <button
      type="button"
      class="picture"
      aria-label={words.value.openPicture(name)}
      onClick={() => (view.picture.value = { name, url })}
    >
      <img src={url} alt={name} onError={lost} />
    </button>
  );
}

function NotHad({ name, retry }: { name: string; retry(): void }) {
  return (
    <p class="not-had" role="alert">
      {words.value.noMedia(name)}{" "}
      <button type="button" onClick={retry}>
        {words.value.retry}
      </button>
    </p>
  );
}

function Download({ media }: { media: Media }) {
  const { attempt, places } = usePage();
  const open = async () => {
    const link = document.createElement("a");
    Object.assign(link, { href: await places.find(media.id), download: media.name, target: "_blank" });
    link.rel = "noopener noreferrer";
    link.click();
  };
  return (
    <button type="button" class="file" onClick={() => attempt(open())}>
      <Icon name="file" />
      <span>
        <span class="unseen">{words.value.download} </span>
        {media.name}
      </span>
      <span class="hint">{bytes(media.bytes)}</span>
    </button>
  );
}
