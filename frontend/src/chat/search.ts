// The search at the side: what is looked for, and what was found so far. Of several questions the newest one counts.
import { signal } from "@preact/signals";
import type { After } from "../ports";
import type { Api } from "../wire/api";
import type { Hit, HitPage } from "../wire/hit";

const PAUSE_MS = 250; // after the last key

/** `off`: nothing is looked for. */
export type Searching = "off" | "searching" | "found" | "failed";

export class Search {
  readonly words = signal("");
  readonly state = signal<Searching>("off");
  readonly hits = signal<readonly Hit[]>([]);
  /** Where the next part begins; null when everything was looked at. */
  readonly after = signal<string | null>(null);
  private callOff = () => {};
  private question = 0;

  constructor(
    private readonly api: Pick<Api, "search">,
    private readonly later: After,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Somebody types: the search begins when they pause. */
  type(words: string): void {
    this.callOff();
    this.question += 1;
    this.words.value = words;
    this.hits.value = [];
    this.after.value = null;
    this.state.value = words.trim() ? "searching" : "off";
    if (words.trim()) this.callOff = this.later(PAUSE_MS, () => void this.ask());
  }

  clear(): void {
    this.type("");
  }

  /** What has failed, once more. */
  async again(): Promise<void> {
    await this.ask(this.after.value ?? undefined);
  }

  /** Looks further back. */
  async more(): Promise<void> {
    const { value } = this.after;
    if (value === null || this.state.value === "searching") return;
    await this.ask(value);
  }

  private async ask(after?: string): Promise<void> {
    const { question } = this;
    this.state.value = "searching";
    try {
      this.show(question, await this.api.search(this.words.value.trim(), after));
    } catch (error) {
      if (question !== this.question) return;
      this.state.value = "failed";
      this.failed(error);
    }
  }

  private show(question: number, page: HitPage): void {
    if (question !== this.question) return;
    this.hits.value = [...this.hits.value, ...page.hits];
    this.after.value = page.after;
    this.state.value = "found";
  }
}
