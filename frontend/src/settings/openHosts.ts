// Sites whose links open without asking, on this device: the person has said so at a link of theirs.
import { signal } from "@preact/signals";
import type { KeyValues } from "../ports";
import type { Outside } from "../prose/outside";

const KEY = "openclaw-open-hosts";
const MOST = 100; // the oldest go

export class OpenHosts {
  /** With their schemes: what is read without encryption was not meant by the one that is. */
  readonly list = signal<readonly string[]>([]);

  constructor(private readonly kept: KeyValues) {}

  restore(): void {
    const kept = this.kept.getItem(KEY);
    this.list.value = kept ? kept.split(" ") : [];
  }

  has(outside: Outside): boolean {
    return outside.kind !== "mail" && this.list.value.includes(originOf(outside));
  }

  add(outside: Outside): void {
    if (outside.kind === "mail" || this.has(outside)) return;
    this.list.value = [...this.list.value, originOf(outside)].slice(-MOST);
    this.kept.setItem(KEY, this.list.value.join(" "));
  }

  /** Each is asked about again. */
  clear(): void {
    this.list.value = [];
    this.kept.removeItem(KEY);
  }
}

function originOf({ kind, host }: Outside): string {
  return `${kind}://${host}`;
}
