// The conversation that a tab begins: its own, so that two tabs never write in one, and the same one after a reload.
import type { KeyValues } from "./ports";

export const FRESH = "openclaw-fresh";

export interface FreshPorts {
  /** Kept as long as this tab is open. */
  tab: KeyValues;
  /** Kept on this device: a draft that was left in a closed tab is found again. */
  device: KeyValues;
  /** Whether no other tab has this name; this one has it from then on. */
  claim(name: string): Promise<boolean>;
  newId(): string;
}

export class Fresh {
  private current = "";

  constructor(private readonly ports: FreshPorts) {}

  /** Takes up the conversation this tab had before its reload, or one that nobody has open any more. */
  async open(): Promise<void> {
    const { tab, device } = this.ports;
    for (const id of new Set([tab.getItem(FRESH), device.getItem(FRESH)])) {
      if (id && (await this.claim(id))) return this.hold(id);
    }
  }

  get id(): string {
    if (!this.current) {
      const id = this.ports.newId();
      void this.claim(id);
      this.hold(id);
    }
    return this.current;
  }

  /** Something was sent in it: the next one is another. */
  used(id: string): void {
    const { tab, device } = this.ports;
    if (id !== this.current) return;
    this.current = "";
    tab.removeItem(FRESH);
    if (device.getItem(FRESH) === id) device.removeItem(FRESH);
  }

  private hold(id: string): void {
    this.current = id;
    this.ports.tab.setItem(FRESH, id);
    this.ports.device.setItem(FRESH, id);
  }

  private claim(id: string): Promise<boolean> {
    return this.ports.claim(`${FRESH}-${id}`);
  }
}
