// Enter while an input method composes. Hangul: the Enter is remembered, and sends when the syllable is done.
// Japanese and Chinese: Enter confirms the candidate and nothing else.

const COMPOSING_KEY = 229;

export interface Key {
  key: string;
  code: string;
  keyCode: number;
  shiftKey: boolean;
  isComposing: boolean;
}

export type Verdict = "send" | "swallow" | "pass";

export class Composing {
  private text: string | null = null; // what is being composed, null when nothing is
  private last = "";
  private wantsSend = false;
  private pressed = false; // the Enter that has sent is still down

  constructor(
    private readonly send: () => void,
    private readonly soon: (job: () => void) => void,
  ) {}

  started(): void {
    this.text = "";
    this.wantsSend = false;
    this.pressed = false;
  }

  updated(text: string): void {
    this.text = text;
  }

  ended(text: string): void {
    this.last = text || (this.text ?? "");
    this.text = null;
    if (this.wantsSend) this.soon(() => this.sendWanted());
  }

  /** What to do with a key: `swallow` means that the browser must not do its own thing with it. */
  key(key: Key): Verdict {
    if (!isEnter(key) || key.shiftKey) return "pass";
    if (this.pressed || (this.wantsSend && this.text === null)) return "swallow"; // one press, reported twice
    if (key.isComposing || this.text !== null) return this.whileComposing(this.text ?? "");
    if (key.keyCode === COMPOSING_KEY) return this.justAfter();
    return "send";
  }

  /** A line break that the input method makes of the same Enter. */
  get breaksNoLine(): boolean {
    return this.wantsSend || this.pressed;
  }

  released(key: Key): void {
    if (isEnter(key) && !this.wantsSend) this.pressed = false;
  }

  blurred(): void {
    this.wantsSend = false;
    this.pressed = false;
    this.text = null;
  }

  private whileComposing(text: string): Verdict {
    this.wantsSend = isHangul(text);
    return "pass";
  }

  /** Safari ends the composition before it reports the key. */
  private justAfter(): Verdict {
    if (!isHangul(this.last)) return "pass";
    this.wantsSend = true;
    this.soon(() => this.sendWanted());
    return "swallow";
  }

  private sendWanted(): void {
    if (!this.wantsSend) return;
    this.wantsSend = false;
    this.pressed = true;
    this.soon(() => this.soon(() => this.pressOver()));
    this.send();
  }

  /** Where no keyup comes, the next Enter counts again. */
  private pressOver(): void {
    this.pressed = false;
  }
}

function isEnter(key: Pick<Key, "key" | "code">): boolean {
  return key.key === "Enter" || key.code === "Enter" || key.code === "NumpadEnter";
}

function isHangul(text: string): boolean {
  return /\p{scx=Hang}/u.test(text) && !/[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u.test(text);
}
