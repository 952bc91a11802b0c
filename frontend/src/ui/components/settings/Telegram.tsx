// Telegram in the settings: which chats are linked, who asks to be, and the code that links another one.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Link, Offer } from "../../../wire/api";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";

export function Telegram() {
  const { links, attempt, view } = usePage();
  useEffect(() => {
    if (!view.settingsOpen.value) return;
    attempt(links.load());
    return () => links.leave();
  }, [view.settingsOpen.value]);
  const offer = links.offer.value;
  return (
    <section class="telegram" aria-labelledby="telegram-title">
      <div class="choice">
        <span id="telegram-title">Telegram</span>
        {!links.hasNoBot.value && (
          <button type="button" class="plain-button" onClick={() => attempt(links.begin())}>
            {words.value.linkChat}
          </button>
        )}
      </div>
      {links.hasNoBot.value && <p class="hint">{words.value.noBot}</p>}
      {links.list.value.map((link) => (
        <LinkRow key={link.id} link={link} />
      ))}
      {offer && !links.list.value.some((link) => link.state === "asked") && <Code offer={offer} />}
      {links.list.value.some((link) => link.state === "linked") && <Mirror />}
    </section>
  );
}

const NAME = "\0"; // stands for the name in a sentence: what others chose must not turn the words around it

/** The account's number: names can be chosen, changed and taken from others. */
const numberOf = (link: Link): string => link.id.slice(link.channel.length + 1);

function LinkRow({ link }: { link: Link }) {
  const { links, attempt } = usePage();
  const { asksToLink, confirmLink, refuseLink, unlink } = words.value;
  const asks = link.state === "asked";
  const [before, after] = asks ? asksToLink(NAME).split(NAME) : [];
  return (
    <div class="link-row" role={asks ? "alert" : undefined}>
      <span>
        {before}
        <bdi>{link.name}</bdi>
        {link.username && (
          <>
            {" "}
            (<bdi>@{link.username}</bdi>)
          </>
        )}
        {after}
      </span>
      <small class="hint">ID {numberOf(link)}</small>
      {asks && (
        <button type="button" class="plain-button" onClick={() => attempt(links.confirm(link.id))}>
          {confirmLink}
        </button>
      )}
      <button type="button" class="plain-button" onClick={() => attempt(links.remove(link.id))}>
        {asks ? refuseLink : unlink}
      </button>
    </div>
  );
}

/** What draws it is loaded when somebody asks for a code: most visits do without. */
function useQr(): ComponentType<{ text: string; label: string }> | null {
  const { attempt } = usePage();
  const [loaded, setLoaded] = useState<typeof import("./Qr") | null>(null);
  useEffect(() => attempt(import("./Qr").then(setLoaded)), []);
  return loaded?.Qr ?? null;
}

function Code({ offer }: { offer: Offer }) {
  const Qr = useQr();
  const { linkHow, openTelegram, qrLabel } = words.value;
  return (
    <div class="link-code">
      {Qr && <Qr text={offer.url} label={qrLabel} />}
      <div>
        <p class="hint">{linkHow}</p>
        <p class="pair-code">{offer.code}</p>
        <a href={offer.url} target="_blank" rel="noreferrer">
          {openTelegram}
        </a>
      </div>
    </div>
  );
}

function Mirror() {
  const { settings, attempt } = usePage();
  return (
    <label class="choice">
      <span>{words.value.mirror}</span>
      <input
        type="checkbox"
        disabled={!settings.current.value}
        checked={settings.current.value?.mirrorToTelegram ?? false}
        onChange={(event) => attempt(settings.change({ mirrorToTelegram: event.currentTarget.checked }))}
      />
    </label>
  );
}
