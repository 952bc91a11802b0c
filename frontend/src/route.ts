// Which conversation the address names: `#/c/<id>`. Without one, the fresh conversation of this device.
import type { Address, KeyValues } from "./ports";

const FRESH_KEY = "openclaw-fresh";
const PATTERN = /^#\/c\/([0-9a-f-]{36})$/;

export class Route {
  constructor(
    private readonly address: Address,
    private readonly kept: KeyValues,
    private readonly newId: () => string,
  ) {}

  /** Calls `show` for the address now, and for each later one. */
  follow(show: (id: string, fresh: boolean) => void): void {
    const look = () => {
      const id = PATTERN.exec(this.address.hash)?.[1];
      show(id ?? this.freshId(), id === undefined);
    };
    this.address.onChange(look);
    look();
  }

  /** An empty conversation; the same one, with its draft, until something was sent in it. */
  goFresh(): void {
    this.address.goTo("");
  }

  goTo(id: string): void {
    this.address.goTo(`#/c/${id}`);
  }

  /** Something was sent: from now on this conversation has an address. */
  settle(id: string): void {
    if (this.kept.getItem(FRESH_KEY) === id) this.kept.removeItem(FRESH_KEY);
    if (!PATTERN.test(this.address.hash)) this.address.replace(`#/c/${id}`);
  }

  private freshId(): string {
    const id = this.kept.getItem(FRESH_KEY) ?? this.newId();
    this.kept.setItem(FRESH_KEY, id);
    return id;
  }
}
