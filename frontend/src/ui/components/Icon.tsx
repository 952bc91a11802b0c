// The few drawings of the page, each one path on a 24-unit grid.
const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h10",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  settings: "M4 8h9M19 8h1M4 16h1M11 16h9M16 5.5v5M8 13.5v5",
  pin: "M12 16v5M8 4h8l-1 6 3 3v3H6v-3l3-3z",
  chevron: "M9 6l6 6-6 6",
  file: "M7 3h7l4 4v14H7zM14 3v5h4",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  check: "M5 13l4 4L19 7",
  edit: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
  warn: "M12 8v5M12 16.5v.01M12 3l9.5 17h-19z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
