// The card on which a command is allowed or denied: what it shows in each state, and what can be pressed.
import { h } from "preact";
import { afterEach, expect, test } from "vitest";
import type { Approval } from "../src/chat/approvals";
import { Decided, Open } from "../src/ui/components/thread/Approvals";
import { visible } from "../src/ui/visible";
import type { Decision } from "../src/wire/protocol";
import { en } from "../src/words/en";
import { ko } from "../src/words/ko";
import { chosen } from "../src/words/words";
import { type Element, elements, text } from "./drawn";

afterEach(() => {
  chosen.value = null;
});

const ASKED: Approval = {
  id: "a",
  command: "rm -rf build && ls",
  cwd: "workspace",
  state: "open",
  expiresAt: "2026-01-01T12:30:00",
};
const open = (rest: Partial<Approval> = {}, sending = false, decide: ((d: Decision) => void) | null = null) =>
  h(Open, { approval: { ...ASKED, ...rest }, sending, decide });
const buttons = (card: ReturnType<typeof open>) => elements(card).filter((one) => one.tag === "button");
const press = (card: ReturnType<typeof open>, label: string) => {
  const found = buttons(card).find((one) => one.text === label) as Element;
  (found.props.onClick as () => void)();
};

test("an open card has the command, the folder, the time, and two buttons", () => {
  const card = open({}, false, () => {});
  const [box] = elements(card);
  expect(text(card)).toContain("The agent asks: may it run this?rm -rf build && lsFolder workspace · until ");
  expect(text(card)).toMatch(/until 12:30/);
  expect(buttons(card).map((one) => [one.text, one.props["aria-disabled"]])).toEqual([
    ["Allow once", false],
    ["Deny", false],
  ]);
  expect(box?.tag).toBe("fieldset");
  const label = elements(card).find((one) => one.props.id === box?.props["aria-labelledby"]);
  expect(label?.text).toBe(en.approval.asks);
});

test("a card without a folder or a time does without", () => {
  const { cwd: _, expiresAt: __, ...less } = ASKED;
  const card = h(Open, { approval: less, sending: false, decide: null });
  expect(text(card)).not.toMatch(/Folder|·|until/);
});

test("each button decides what it says, and neither is pressed by a key that was meant for something else", () => {
  const said: Decision[] = [];
  const card = open({}, false, (decision) => said.push(decision));
  press(card, "Allow once");
  press(card, "Deny");
  expect(said).toEqual(["allow", "deny"]);
  expect(buttons(card).map(({ props }) => [props.type, props.autofocus])).toEqual([
    ["button", undefined],
    ["button", undefined],
  ]);
});

test("while a decision is on its way that is said, and nothing can be pressed", () => {
  const card = open({}, true);
  expect(text(card)).toContain(en.sending);
  expect(buttons(card).map((one) => one.props["aria-disabled"])).toEqual([true, true]);
  expect(() => press(card, "Allow once")).not.toThrow();
  expect(text(open())).not.toContain(en.sending);
});

test.each([
  ["allowed", en.approval.allowed, ko.approval.allowed],
  ["denied", en.approval.denied, ko.approval.denied],
  ["expired", en.approval.notOpen, ko.approval.notOpen],
] as const)("one that is %s is a line, with the command folded", (state, english, korean) => {
  const card = h(Decided, { approval: { ...ASKED, state } });
  const [box, line] = elements(card);
  expect([box?.tag, box?.props.open, line?.tag, line?.text]).toEqual([
    "details",
    undefined,
    "summary",
    english,
  ]);
  expect(text(card)).toBe(`${english}rm -rf build && ls`);
  expect(elements(card).some((one) => one.tag === "button")).toBe(false);
  chosen.value = "ko";
  expect(text(card)).toContain(korean);
});

test("a command is text, sign by sign from left to right", () => {
  const card = open({ command: "echo '<b>x</b>' # \u05d0\u05d1" });
  expect(elements(card).find((one) => one.tag === "bdo")?.props.dir).toBe("ltr");
  expect(elements(card).map((one) => one.tag)).not.toContain("b");
  expect(text(card)).toContain("echo '<b>x</b>' # \u05d0\u05d1");
});

test.each([
  ["ls\u202e txt.exe", "ls\\u{202e} txt.exe"],
  ["a\u0000b\u001b[2Kc\rd", "a\\u{0}b\\u{1b}[2Kc\\u{d}d"],
  ["a\u200bb\ufeffc\u3164d\u2800e", "a\\u{200b}b\\u{feff}c\\u{3164}d\\u{2800}e"],
  ["rm\u00a0-rf\u3000x\u2028y", "rm\\u{a0}-rf\\u{3000}x\\u{2028}y"],
  ["half \ud800 letter", "half \\u{d800} letter"],
  ["\u{e0041}\u{e0042}", "\\u{e0041}\\u{e0042}"],
])("signs that are not seen are named: %j", (command, shown) => {
  expect(visible(command).join("")).toBe(shown);
  expect(elements(open({ command })).some((one) => one.tag === "mark")).toBe(true);
});

test("what is seen stays as it is, in every script, with its lines and tabs", () => {
  for (const command of ["cat <<E\n\tx  y\nE", "echo 안녕 日本 ñ é 👋 שלום", "\\u{202e}"])
    expect(visible(command)).toEqual([command]);
});
