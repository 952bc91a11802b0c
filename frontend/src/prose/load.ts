// Markdown comes in a chunk of its own, behind the shell; until it is here, text is shown plain.
import { signal } from "@preact/signals";

export type Prose = typeof import("./prose");

export const prose = signal<Prose | null>(null);

export async function loadProse(): Promise<void> {
  prose.value = await import("./prose");
}
