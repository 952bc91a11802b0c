// The conversations at the side; on a phone a drawer over the page.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../../../wire/api";
import { words } from "../../../words/words";
import { useNarrow } from "../../hooks/narrow";
import { usePage } from "../../hooks/page";
import { Icon } from "../Icon";
import { Hits } from "./Hits";
import { RowMenu } from "./RowMenu";
import { SearchBox } from "./SearchBox";

export function Sidebar() {
  const page = usePage();
  const narrow = useNarrow();
  const hidden = narrow && !page.view.sidebarOpen.value;
  const { conversations, settings, closeSidebar } = words.value;
  const inside = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = inside;
    if (!narrow || !page.view.sidebarOpen.value || current?.contains(document.activeElement)) return;
    current?.querySelector<HTMLElement>("button")?.focus();
  }, [narrow, page.view.sidebarOpen.value]);
  const close = () => {
    page.view.sidebarOpen.value = false;
  };
  return (
    <>
      {narrow && page.view.sidebarOpen.value && (
        <button type="button" class="backdrop" tabIndex={-1} aria-label={closeSidebar} onClick={close} />
      )}
      <aside ref={inside} class={hidden ? "sidebar hidden" : "sidebar"} inert={hidden}>
        <Head />
        <SearchBox />
        <nav aria-label={conversations}>{page.search.state.value === "off" ? <List /> : <Hits />}</nav>
        <div class="sidebar-foot">
          <button type="button" class="foot-button" onClick={() => (page.view.settingsOpen.value = true)}>
            <Icon name="settings" />
            <span>{settings}</span>
          </button>
        </div>
      </aside>
    </>
  );
}

function List() {
  const rows = useRows();
  const { loaded } = usePage().chat.conversations;
  return (
    <>
      <ul>
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      <More />
      {rows.length === 0 && loaded.value && <p class="hint">{words.value.noConversations}</p>}
    </>
  );
}

function More() {
  const page = usePage();
  const { conversations } = page.chat;
  if (conversations.after.value === null) return null;
  return (
    <button type="button" class="earlier" onClick={() => page.attempt(conversations.loadMore())}>
      {words.value.moreConversations}
    </button>
  );
}

function Head() {
  const page = usePage();
  const { name, newConversation } = words.value;
  return (
    <div class="sidebar-head">
      <span class="brand">{name}</span>
      <button
        type="button"
        class="icon-button"
        aria-label={newConversation}
        onClick={() => page.startFresh()}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}

/** What the cloud knows, and on top what is only in the outbox yet. */
function useRows(): Conversation[] {
  const { chat } = usePage();
  const known = chat.conversations.sorted.value;
  const ids = new Set(known.map((one) => one.id));
  const fresh = new Map<string, Conversation>();
  for (const { conversationId: id, text, writtenAt } of chat.outbox.messages.value) {
    const title = text.split("\n", 1)[0] ?? "";
    const lastAt = new Date(writtenAt).toISOString();
    if (!ids.has(id)) fresh.set(id, { id, title, pinned: false, archived: false, lastSeq: 0, lastAt });
  }
  return [...fresh.values(), ...known];
}

function Row({ row }: { row: Conversation }) {
  const page = usePage();
  const renaming = useSignal(false);
  const open = page.chat.open.currentId.value === row.id;
  const { conversations, open: opened } = page.chat;
  const unread = !open && (conversations.isUnread(row) || opened.find(row.id)?.asks !== undefined);
  const title = row.title || words.value.newConversation;
  if (renaming.value) return <RenameRow row={row} done={() => (renaming.value = false)} />;
  return (
    <li class={open ? "row open" : "row"}>
      <a
        href={`#/c/${row.id}`}
        aria-current={open ? "page" : undefined}
        onClick={() => (page.view.sidebarOpen.value = false)}
      >
        {row.pinned && <Icon name="pin" />}
        <span class="row-title">{title}</span>
        {unread && (
          <span class="unread-dot">
            <span class="unseen">{words.value.unread}</span>
          </span>
        )}
      </a>
      <RowMenu row={row} title={title} rename={() => (renaming.value = true)} />
    </li>
  );
}

function RenameRow({ row, done }: { row: Conversation; done(): void }) {
  const page = usePage();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const save = () => {
    const title = field.current?.value.trim();
    done();
    if (title && title !== row.title) page.attempt(page.chat.conversations.rename(row.id, title));
  };
  return (
    <li class="row open">
      <input
        ref={field}
        defaultValue={row.title}
        maxLength={120}
        aria-label={words.value.newName}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter") save();
          if (event.key !== "Escape") return;
          event.preventDefault(); // Esc would also stop the answer
          done();
        }}
      />
    </li>
  );
}
