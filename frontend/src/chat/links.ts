// Chats that are linked with this account, and the code by which another one is.
import { signal } from "@preact/signals";
import type { After } from "../ports";
import type { Api, Link, Offer } from "../wire/api";

const LOOK_MS = 2000;

export class Links {
  readonly list = signal<Link[]>([]);
  /** There is no bot: nothing can be linked. */
  readonly hasNoBot = signal(false);
  /** What the person sends to the bot; null while none is wanted, or when its time is over. */
  readonly offer = signal<Offer | null>(null);
  private stopLooking: (() => void) | null = null;

  constructor(
    private readonly api: Pick<Api, "links" | "offerLink" | "confirmLink" | "removeLink">,
    private readonly after: After,
    private readonly now: () => number,
    private readonly failed: (error: unknown) => void,
  ) {}

  async load(): Promise<void> {
    const { links, channels } = await this.api.links();
    this.list.value = links;
    this.hasNoBot.value = channels !== null && !channels.includes("telegram");
  }

  /** A new code; from then on the chat that sends it appears by itself. */
  async begin(): Promise<void> {
    this.offer.value = await this.api.offerLink("telegram");
    this.look();
  }

  async confirm(id: string): Promise<void> {
    await this.api.confirmLink(id);
    this.offer.value = null;
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await this.api.removeLink(id);
    await this.load();
  }

  /** The panel is closed: nobody needs to look any more. */
  leave(): void {
    this.stopLooking?.();
    this.stopLooking = null;
    this.offer.value = null;
  }

  private look(): void {
    this.stopLooking?.();
    this.stopLooking = this.after(LOOK_MS, async () => {
      const offer = this.offer.value;
      if (!offer) return;
      if (Date.parse(offer.expiresAt) <= this.now()) this.offer.value = null;
      await this.load().catch(this.failed);
      if (this.offer.value) this.look();
    });
  }
}
