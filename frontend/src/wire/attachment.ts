// A file of a message: what is said of it, how long a text may be before it becomes one, and how it is uploaded.
import { count, type Json, object, text } from "./shape";

/** UTF-16 units, as `length` counts them: the same number as in the cloud and in chats. */
export const MESSAGE_CHARS = 8000;
export const TEXT_BYTES = 400 * 1024;
export const MOST_ATTACHMENTS = 5;
export const TEXT_TYPE = "text/plain";

export interface Attachment {
  id: string;
  name: string;
  mimeType: string;
  bytes: number;
}

/** Was it uploaded by a page? A chat's files have ids of the chat's own. */
export function isUpload({ id }: Attachment): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** Where a file goes: a form that is signed for it and nothing else. */
export interface UploadOffer extends Attachment {
  url: string;
  fields: Readonly<Record<string, string>>;
}

export function readAttachment(value: unknown): Attachment {
  const fields = object(value, "attachment");
  return {
    id: text(fields, "id"),
    name: text(fields, "name"),
    mimeType: text(fields, "mimeType"),
    bytes: count(fields, "bytes"),
  };
}

export function readOffer(answer: Json): UploadOffer {
  const fields = object(answer.fields, "fields");
  const named = Object.keys(fields).map((key) => [key, text(fields, key)] as const);
  return { ...readAttachment(answer), url: text(answer, "url"), fields: Object.fromEntries(named) };
}
