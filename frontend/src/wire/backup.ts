// A restore point, as `GET /backups` lists them: newest first, the first one is what the agent wakes up with.
import { type Json, maybe, object, text } from "./shape";

export interface Backup {
  id: string;
  madeAt: string;
  /** The id of the point that was restored, where this one is such a point again. */
  restored: string | null;
}

export function readBackup(value: unknown): Backup {
  const fields: Json = object(value, "backup");
  return {
    id: text(fields, "id"),
    madeAt: text(fields, "madeAt"),
    restored: maybe(fields, "restored", text) ?? null,
  };
}
