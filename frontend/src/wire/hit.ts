// What a search has found: something that was said, or a conversation by its title.
import { choice, count, type Json, list, maybe, object, text } from "./shape";

const ROLES = ["user", "agent"] as const;

/** An entry of a conversation, and the part of it that has the words. */
export interface Said {
  seq: number;
  role: (typeof ROLES)[number];
  excerpt: string;
}

export interface Hit {
  conversationId: string;
  title: string;
  at: string;
  /** Null where the title has the words. */
  said: Said | null;
}

/** A part of what there is; `after` asks for the next one, null when everything was looked at. */
export interface HitPage {
  hits: Hit[];
  after: string | null;
}

export function readHits(fields: Json): HitPage {
  return { hits: list(fields, "hits", readHit), after: maybe(fields, "after", text) ?? null };
}

function readHit(item: unknown): Hit {
  const fields = object(item, "a hit");
  return {
    conversationId: text(fields, "conversationId"),
    title: text(fields, "title"),
    at: text(fields, "at"),
    said: maybe(fields, "seq", count) === undefined ? null : readSaid(fields),
  };
}

function readSaid(fields: Json): Said {
  return {
    seq: count(fields, "seq"),
    role: choice(fields, "role", ROLES),
    excerpt: text(fields, "excerpt"),
  };
}
