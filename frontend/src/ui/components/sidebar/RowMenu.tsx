// What can be done with a conversation: rename, pin, delete with undo. By keyboard as any menu.
import { useSignal } from "@preact/signals";
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

interface Choice {
  label: string;
  danger?: boolean;
  run(): void;
}

export function RowMenu({ row, title, rename }: RowMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const open = useSignal(false);
  const { more } = words.value;
  const id = `menu-${row.id}`;
  const close = () => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <button
        type="button"
        class="icon-button row-more"
        ref={button}
        aria-label={more(title)}
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-controls={id}
        onClick={() => menu.current && button.current && show(menu.current, button.current)}
      >
        <Icon name="more" />
      </button>
      <div
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        aria-label={more(title)}
        ref={menu}
        onKeyDown={(event) => menu.current && pressed(event, menu.current)}
        onToggle={(event) => {
          open.value = event.newState === "open";
          if (!open.value && menu.current?.contains(document.activeElement)) button.current?.focus();
        }}
      >
        {useChoices(row, title, rename).map((choice) => (
          <Item key={choice.label} choice={choice} chosen={close} />
        ))}
      </div>
    </>
  );
}

function Item({ choice, chosen }: { choice: Choice; chosen(): void }) {
  const choose = () => {
    chosen();
    choice.run();
  };
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={choice.danger ? "danger" : undefined}
      onClick={choose}
    >
      {choice.label}
    </button>
  );
}

function useChoices(row: Conversation, title: string, rename: () => void): Choice[] {
  const page = usePage();
  const { pin, unpin, remove, rename: renameWord } = words.value;
  const turn = () => page.attempt(page.chat.conversations.pin(row.id, !row.pinned));
  return [
    { label: renameWord, run: rename },
    { label: row.pinned ? unpin : pin, run: turn },
    { label: remove, danger: true, run: () => page.remove(row.id, title) },
  ];
}

function pressed(event: KeyboardEvent, menu: HTMLElement): void {
  const items = [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const next = to[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
}

function show(menu: HTMLElement, button: HTMLElement): void {
  const { right, bottom, top } = button.getBoundingClientRect();
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(right - width + 8, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? bottom + 4 : top - height - 4}px`;
  menu.querySelector<HTMLElement>("[role=menuitem]")?.focus();
}
