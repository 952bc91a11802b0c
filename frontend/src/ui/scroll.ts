// Where the thread stands while it grows: what was just sent stays at the top, or the end stays in sight,
// or, once the person has scrolled elsewhere, nothing moves at all.

const NEAR = 60; // pixels that still count as there
const GLIDE_MS = 500; // longer than a smooth scroll takes

type Kept = "top" | "end" | "place";

export class Scroll {
  private keeps: Kept = "end";
  private gliding: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly box: HTMLElement) {}

  get distance(): number {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
  }

  get isAway(): boolean {
    return this.distance > NEAR * 2;
  }

  /** Brings the anchored turn to the top. It is as high as the box, so there is always room for that. */
  raise(): void {
    this.keeps = "top";
    this.glide(this.anchor ?? 0);
  }

  toEnd(): void {
    this.keeps = "end";
    this.glide(this.box.scrollHeight);
  }

  /** The content or the box has another height. */
  grown(): void {
    if (this.gliding) return;
    const top = this.keeps === "end" ? this.box.scrollHeight : this.anchor;
    if (this.keeps !== "place" && top !== undefined) this.box.scrollTo({ top, behavior: "instant" });
  }

  scrolled(): void {
    if (!this.gliding) this.keeps = this.look();
  }

  /** The person takes over. */
  touched(): void {
    clearTimeout(this.gliding);
    this.gliding = undefined;
  }

  /** `change` draws older messages above, in the next frame: what is in sight stays there. */
  holding(change: () => void): void {
    const below = this.distance;
    change();
    const { box } = this;
    requestAnimationFrame(() => {
      box.scrollTo({ top: box.scrollHeight - box.clientHeight - below, behavior: "instant" });
    });
  }

  private get anchor(): number | undefined {
    return this.box.querySelector<HTMLElement>(".anchored")?.offsetTop;
  }

  private look(): Kept {
    const { anchor } = this;
    if (anchor !== undefined && Math.abs(this.box.scrollTop - anchor) < NEAR / 4) return "top";
    return this.distance < NEAR ? "end" : "place";
  }

  private glide(top: number): void {
    this.touched();
    this.box.scrollTo({ top, behavior: motion() });
    this.gliding = setTimeout(() => {
      this.gliding = undefined;
      this.grown(); // the answer may have moved the goal meanwhile
    }, GLIDE_MS);
  }
}

function motion(): ScrollBehavior {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}
