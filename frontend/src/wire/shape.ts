// Reads fields of JSON that came from outside: unknown keys are ignored, missing ones fail with their name.

export type Json = Record<string, unknown>;

export class ShapeError extends Error {}

export function object(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError(`${what} is ${describe(value)}, wanted an object`);
  }
  return value as Json;
}

export function list<T>(fields: Json, key: string, read: (item: unknown) => T): T[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw wrong(key, value, "a list");
  return value.map(read);
}

export function text(fields: Json, key: string): string {
  const value = fields[key];
  if (typeof value !== "string") throw wrong(key, value, "a text");
  return value;
}

export function count(fields: Json, key: string): number {
  const value = fields[key];
  if (typeof value !== "number") throw wrong(key, value, "a number");
  return value;
}

export function flag(fields: Json, key: string): boolean {
  const value = fields[key];
  if (typeof value !== "boolean") throw wrong(key, value, "true or false");
  return value;
}

export function choice<T extends string>(fields: Json, key: string, possible: readonly T[]): T {
  const value = fields[key];
  const found = possible.find((item) => item === value);
  if (found === undefined) throw wrong(key, value, possible.join(" | "));
  return found;
}

/** `read` if the key is there and not null. */
export function maybe<T>(fields: Json, key: string, read: (fields: Json, key: string) => T): T | undefined {
  return fields[key] === undefined || fields[key] === null ? undefined : read(fields, key);
}

function wrong(key: string, value: unknown, wanted: string): ShapeError {
  return new ShapeError(`${key} is ${describe(value)}, wanted ${wanted}`);
}

function describe(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
}
