// What the page needs of the browser, as small as it is used: main.tsx passes the real ones, tests pass fakes.

/** localStorage or sessionStorage. */
export type KeyValues = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Runs `job` after `ms`; returns how to call it off. */
export type After = (ms: number, job: () => void) => () => void;

/** Runs `job` while nobody else, in this tab or another, holds the lock of this name. */
export type WithLock = <T>(name: string, job: () => Promise<T>) => Promise<T>;

/** Where the page is and how it goes elsewhere. */
export interface Address {
  /** The page itself, without query and fragment. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly hash: string;
  /** A new entry in the history. */
  goTo(hash: string): void;
  /** Instead of the entry that is now; nobody is called. */
  replace(address: string): void;
  onChange(job: () => void): void;
}
