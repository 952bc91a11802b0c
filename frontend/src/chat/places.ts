// Where the files of answers are: each address is good for a while, and asked for again when its time is over.
import type { Api, Place } from "../wire/api";

const EARLY_MS = 30_000;

export class Places {
  private readonly known = new Map<string, Place>();

  constructor(
    private readonly api: Pick<Api, "media">,
    private readonly now: () => number,
  ) {}

  /** Throws what the call throws. */
  async find(id: string): Promise<string> {
    const known = this.known.get(id);
    if (known && Date.parse(known.expiresAt) - EARLY_MS > this.now()) return known.url;
    const place = await this.api.media(id);
    this.known.set(id, place);
    return place.url;
  }

  /** What is there cannot be had: the next one asks again. */
  forget(id: string): void {
    this.known.delete(id);
  }
}
