// What can be done with a conversation: rename, pin, delete with undo.
import { useRef } from "preact/hooks";
import type { Conversation } from "../../../wire/api";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { Icon } from "../Icon";

interface RowMenuProps {
  row: Conversation;
  title: string;
  rename(): void;
}

export function RowMenu({ row, title, rename }: RowMenuProps) {
  const page = usePage();
  const menu = useRef<HTMLDivElement>(null);
  const { conversations } = page.chat;
  const { more, pin, unpin, remove, rename: renameWord } = words.value;
  const choose = (job: () => void) => () => {
    menu.current?.hidePopover();
    job();
  };
  return (
    <>
      <button
        type="button"
        class="icon-button row-more"
        aria-label={more(title)}
        onClick={(event) => menu.current && place(menu.current, event.currentTarget)}
      >
        <Icon name="more" />
      </button>
      <div class="menu" popover="auto" ref={menu}>
        <button type="button" onClick={choose(rename)}>
          {renameWord}
        </button>
        <button type="button" onClick={choose(() => page.attempt(conversations.pin(row.id, !row.pinned)))}>
          {row.pinned ? unpin : pin}
        </button>
        <button type="button" class="danger" onClick={choose(() => page.remove(row.id, title))}>
          {remove}
        </button>
      </div>
    </>
  );
}

function place(menu: HTMLElement, button: HTMLElement): void {
  const { right, bottom, top } = button.getBoundingClientRect();
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(right - width + 8, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? bottom + 4 : top - height - 4}px`;
}
