// What is open on the screen, and what the parts of it ask of each other.
import { signal } from "@preact/signals";

export class View {
  readonly settingsOpen = signal(false);
  readonly sidebarOpen = signal(false);
  /** Words to put into the composer. */
  readonly suggestion = signal("");
  /** The message that the thread brings to its top; another object each time, so that the same one can be asked for again. */
  readonly anchor = signal<{ readonly id: string }>({ id: "" });

  bringUp(id: string): void {
    this.anchor.value = { id };
  }
}
