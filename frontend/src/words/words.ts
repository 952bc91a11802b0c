// The language of the page: the person's choice, else the browser's. Numbers follow it.
import { computed, signal } from "@preact/signals";
import type { Entry } from "../wire/entry";
import { type NoteArgs, type Status, WORK } from "../wire/status";
import { en } from "./en";
import { type Advice, FAILURES, NO_MODEL } from "./failures";
import { ko } from "./ko";

export const LANGUAGES = { en: "English", ko: "한국어" } as const;
export type Language = keyof typeof LANGUAGES;

export const chosen = signal<Language | null>(null);
export const language = computed<Language>(() => chosen.value ?? ofBrowser());
export const words = computed(() => (language.value === "ko" ? ko : en));

/** The words beside the agent's status: in the page's language, or as the cloud worded it. */
export function noteOf(status: Status): string | undefined {
  const known = status.noteCode && words.value.notes[status.noteCode];
  const { reason = "", first = "", ...work } = status.noteArgs ?? {};
  const params: Record<string, string> = { reason, first, what: workOf(work) };
  return known?.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole) || status.note;
}

function workOf(counts: NoteArgs): string {
  const kinds = WORK.filter((kind) => counts[kind]);
  return kinds.map((kind) => words.value.work[kind](counts[kind] ?? 0)).join(", ");
}

/** What the cloud refuses with: in the page's language, or as the cloud worded it. */
export function refusalOf(code: string, message: string): string {
  return words.value.errors[code] ?? message;
}

/** Why there is no answer: in the page's language, or as the cloud worded it. */
export function failureOf({ errorKey, errorParams, text }: Entry): string {
  const known = errorKey === undefined ? undefined : FAILURES[errorKey];
  if (!known) return text;
  const model = errorParams?.model || NO_MODEL[language.value];
  const upper = model.includes("/") ? model : model.charAt(0).toUpperCase() + model.slice(1);
  const params: Record<string, string> = { ...errorParams, model, Model: upper };
  return known[language.value].replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
}

/** What to offer beside a failure. */
export function adviceOf({ errorKey, retryable }: Entry): Advice {
  const known = errorKey === undefined ? undefined : FAILURES[errorKey];
  return known?.action ?? (retryable ? "retry" : "none");
}

function ofBrowser(): Language {
  const wanted = globalThis.navigator?.languages ?? [];
  return wanted
    .find((one) => /^(en|ko)\b/i.test(one))
    ?.toLowerCase()
    .startsWith("ko")
    ? "ko"
    : "en";
}

export function seconds(value: number, digits = 0): string {
  const format = {
    style: "unit",
    unit: "second",
    unitDisplay: "short",
    maximumFractionDigits: digits,
  } as const;
  const minimum = { minimumFractionDigits: digits };
  const [amount, unit] = value >= 90 ? [value / 60, "minute" as const] : [value, "second" as const];
  const text = new Intl.NumberFormat(language.value, { ...format, ...minimum, unit }).format(amount);
  return language.value === "en" ? text.replace("sec", "s") : text;
}

/** Of a file, in kilobytes. */
export function size(bytes: number): string {
  const format = { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(language.value, format).format(Math.max(1, Math.round(bytes / 1024)));
}

export function compact(value: number): string {
  const format = { notation: "compact", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language.value, format).format(value).toLowerCase();
}

export function bytes(value: number): string {
  const [amount, unit] =
    value >= 1e6 ? [value / 1e6, "megabyte" as const] : [value / 1e3, "kilobyte" as const];
  const format = {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: amount < 10 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(language.value, format).format(amount);
}

export function dollars(value: number): string {
  const format = { style: "currency", currency: "USD", maximumSignificantDigits: 2 } as const;
  return new Intl.NumberFormat(language.value, format).format(value);
}

/** A day and a time of it. */
export function moment(iso: string): string {
  const format = { month: "long", day: "numeric", hour: "numeric", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(language.value, format).format(new Date(iso));
}

/** With its year, unless that is this one's. */
export function day(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(language.value, { month: "short", day: "numeric", ...year }).format(date);
}

export function clock(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { hour: "numeric", minute: "2-digit" }).format(
    new Date(iso),
  );
}
