// Which conversation the address names: `#/c/<id>`. Without one, the fresh conversation of this tab.
import type { Fresh } from "./fresh";
import type { Address } from "./ports";

const PATTERN = /^#\/c\/([^/?#]+)$/;

export class Route {
  constructor(
    private readonly address: Address,
    private readonly fresh: Pick<Fresh, "id" | "used">,
  ) {}

  /** Calls `show` for the address now, and for each later one. */
  follow(show: (id: string, fresh: boolean) => void): void {
    const look = () => {
      const id = PATTERN.exec(this.address.hash)?.[1];
      show(id ?? this.fresh.id, id === undefined);
    };
    this.address.onChange(look);
    look();
  }

  get freshId(): string {
    return this.fresh.id;
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
    this.fresh.used(id);
    if (!PATTERN.test(this.address.hash)) this.address.replace(`#/c/${id}`);
  }
}
