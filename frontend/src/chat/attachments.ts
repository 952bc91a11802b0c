// Long texts and text files on their way into a message: uploaded at once, kept as a draft until the message is stored.
import { signal } from "@preact/signals";
import type { DraftStore } from "../store/store";
import { ApiError } from "../wire/api";
import {
  type Attachment,
  MOST_ATTACHMENTS,
  TEXT_BYTES,
  TEXT_TYPE,
  type UploadOffer,
} from "../wire/attachment";

/** What cannot be attached: the person is told in the page's words. */
export class NotAttached extends Error {
  constructor(readonly why: "tooLong" | "notText" | "tooMany") {
    super(why);
  }
}

/** One file in the composer. */
export interface Chip {
  readonly key: string;
  readonly name: string;
  readonly text: string;
  readonly bytes: number;
  /** From 0 to 1, as far as it is uploaded. */
  readonly progress: number;
  readonly attachment?: Attachment | undefined;
  readonly error?: unknown;
}

export interface Upload {
  done: Promise<void>;
  cancel(): void;
}

export interface AttachmentPorts {
  store: DraftStore;
  offer(name: string, mimeType: string, bytes: number): Promise<UploadOffer>;
  upload(offer: UploadOffer, content: Blob, progress: (share: number) => void): Upload;
  newKey(): string;
  failed(error: unknown): void;
}

const NONE: readonly Chip[] = [];

export class Attachments {
  private readonly all = signal<ReadonlyMap<string, readonly Chip[]>>(new Map());
  private readonly uploads = new Map<string, Upload>();
  private readonly restored = new Set<string>();

  constructor(private readonly ports: AttachmentPorts) {}

  of(conversationId: string): readonly Chip[] {
    return this.all.value.get(conversationId) ?? NONE;
  }

  /** The files of a conversation when all of them are uploaded; null while some are not. */
  ready(conversationId: string): Attachment[] | null {
    const done = this.of(conversationId).flatMap((chip) => chip.attachment ?? []);
    return done.length === this.of(conversationId).length ? done : null;
  }

  /** Begins to upload a text. Throws NotAttached. */
  add(conversationId: string, name: string, text: string): void {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > TEXT_BYTES) throw new NotAttached("tooLong");
    if (this.of(conversationId).length >= MOST_ATTACHMENTS) throw new NotAttached("tooMany");
    const chip: Chip = { key: this.ports.newKey(), name, text, bytes, progress: 0 };
    this.put(conversationId, [...this.of(conversationId), chip]);
    this.keep(conversationId);
    void this.send(conversationId, chip);
  }

  /** A file that was dropped or pasted. Rejects with NotAttached. */
  async addFile(conversationId: string, file: Blob & { name: string }): Promise<void> {
    if (file.size > TEXT_BYTES) throw new NotAttached("tooLong");
    this.add(conversationId, file.name, readText(await file.arrayBuffer()));
  }

  retry(conversationId: string, key: string): void {
    const chip = this.of(conversationId).find((one) => one.key === key);
    if (!chip?.error) return;
    this.change(conversationId, key, { error: undefined, progress: 0 });
    void this.send(conversationId, chip);
  }

  /** Takes a file out again, and ends its upload. */
  remove(conversationId: string, key: string): void {
    this.uploads.get(key)?.cancel();
    this.put(
      conversationId,
      this.of(conversationId).filter((chip) => chip.key !== key),
    );
    this.keep(conversationId);
  }

  /** The message has them: they leave the composer, and stay as a draft until `used`. */
  clear(conversationId: string): void {
    this.put(conversationId, NONE);
  }

  /** The message is stored. */
  async used(conversationId: string): Promise<void> {
    if (!this.of(conversationId).length) await this.ports.store.keepDraft(place(conversationId), "");
  }

  /** What an earlier visit left here is uploaded again. */
  async restore(conversationId: string): Promise<void> {
    if (this.restored.has(conversationId)) return;
    this.restored.add(conversationId);
    for (const { name, text } of readKept(await this.ports.store.draft(place(conversationId))))
      this.add(conversationId, name, text);
  }

  private async send(conversationId: string, { key, name, text, bytes }: Chip): Promise<void> {
    try {
      const offer = await this.ports.offer(name, TEXT_TYPE, bytes);
      if (!this.of(conversationId).some((chip) => chip.key === key)) return;
      const progress = (share: number) => this.change(conversationId, key, { progress: share });
      const upload = this.ports.upload(offer, new Blob([text], { type: TEXT_TYPE }), progress);
      this.uploads.set(key, upload);
      await upload.done;
      const { id, mimeType } = offer;
      this.change(conversationId, key, {
        progress: 1,
        attachment: { id, name: offer.name, mimeType, bytes },
      });
    } catch (error) {
      this.change(conversationId, key, { error: error ?? new ApiError("offline", "", 0) });
    } finally {
      this.uploads.delete(key);
    }
  }

  private change(conversationId: string, key: string, facts: Partial<Chip>): void {
    const chips = this.of(conversationId);
    if (chips.some((chip) => chip.key === key))
      this.put(
        conversationId,
        chips.map((chip) => (chip.key === key ? { ...chip, ...facts } : chip)),
      );
  }

  private put(conversationId: string, chips: readonly Chip[]): void {
    this.all.value = new Map(this.all.value).set(conversationId, chips);
  }

  private keep(conversationId: string): void {
    const kept = this.of(conversationId).map(({ name, text }) => ({ name, text }));
    const words = kept.length ? JSON.stringify(kept) : "";
    this.ports.store.keepDraft(place(conversationId), words).catch(this.ports.failed);
  }
}

/** UTF-8 without the bytes that no text has. Throws NotAttached. */
export function readText(content: ArrayBuffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    if (text && !text.includes("\0")) return text;
  } catch {
    // not UTF-8: the same words
  }
  throw new NotAttached("notText");
}

function place(conversationId: string): string {
  return `${conversationId}#files`;
}

function readKept(kept: string): { name: string; text: string }[] {
  return kept ? (JSON.parse(kept) as { name: string; text: string }[]) : [];
}
