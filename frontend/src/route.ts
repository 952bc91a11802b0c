// Which conversation the address names: `#/c/<id>`. Without one, the fresh conversation of this device.
const FRESH_KEY = "openclaw-fresh";
const PATTERN = /^#\/c\/([0-9a-f-]{36})$/;

export class Route {
  /** Calls `show` for the address now, and for each later one. */
  follow(show: (id: string, fresh: boolean) => void): void {
    const look = () => {
      const id = PATTERN.exec(window.location.hash)?.[1];
      show(id ?? this.freshId(), id === undefined);
    };
    window.addEventListener("hashchange", look);
    look();
  }

  /** An empty conversation; the same one, with its draft, until something was sent in it. */
  goFresh(): void {
    window.location.hash = "";
  }

  goTo(id: string): void {
    window.location.hash = `#/c/${id}`;
  }

  /** Something was sent: from now on this conversation has an address. */
  settle(id: string): void {
    if (localStorage.getItem(FRESH_KEY) === id) localStorage.removeItem(FRESH_KEY);
    if (!PATTERN.test(window.location.hash)) window.history.replaceState(null, "", `#/c/${id}`);
  }

  private freshId(): string {
    const id = localStorage.getItem(FRESH_KEY) ?? crypto.randomUUID();
    localStorage.setItem(FRESH_KEY, id);
    return id;
  }
}
