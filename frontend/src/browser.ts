// The real browser behind the ports of the page. Nothing here runs before it is called.
import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Upload } from "./chat/attachments";
import type { LastReadStore } from "./chat/conversations";
import { FRESH } from "./fresh";
import type { Address, After, WithLock } from "./ports";
import type { Config } from "./session/config";
import type { PageStore } from "./store/store";
import { ApiError } from "./wire/api";
import type { UploadOffer } from "./wire/attachment";
import type { SocketPorts } from "./wire/socket";

const CLAIM_MS = 300;

export const address: Address = {
  get path() {
    return window.location.pathname;
  },
  get query() {
    return window.location.search;
  },
  get hash() {
    return window.location.hash;
  },
  goTo(hash) {
    window.location.hash = hash;
  },
  replace: (target) => window.history.replaceState(null, "", target),
  onChange: (job) => window.addEventListener("hashchange", job),
};

export const after: After = (ms, job) => {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
};

export const withLock: WithLock = async (name, job) => navigator.locks.request(name, job);

/** Whether this tab has `name` for itself until it is closed; one that reloads gets its own back. */
export function claim(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(CLAIM_MS);
    const held = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    navigator.locks.request(name, { signal }, held).catch(() => resolve(false));
  });
}

/** The page without query and fragment, wherever in it the person is. */
export const home = () => new URL(".", window.location.href).href;

export function userManager(config: Config): UserManager {
  const page = home();
  return new UserManager({
    authority: config.oidc.authority,
    client_id: config.oidc.clientId,
    scope: config.oidc.scope,
    redirect_uri: page,
    post_logout_redirect_uri: page,
    response_type: "code",
    automaticSilentRenew: false,
    requestTimeoutInSeconds: 10,
    userStore: new WebStorageStateStore({ store: window.localStorage }), // tabs and launches agree
  });
}

/** Opens sockets to this URL. */
export function connectTo(url: string): SocketPorts["connect"] {
  return (protocols, listener) => {
    const socket = new WebSocket(url, protocols);
    socket.onopen = listener.opened;
    socket.onmessage = (event) => listener.received(String(event.data));
    socket.onclose = listener.closed;
    return socket;
  };
}

/** Posts a file by its form, and tells how far it is. */
export function upload(
  { url, fields }: UploadOffer,
  content: Blob,
  progress: (share: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", content); // S3 ignores what comes behind it
  const done = new Promise<void>((resolve, reject) => {
    const fail = () => reject(new ApiError("offline", "The file could not be uploaded.", request.status));
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => (request.status < 300 ? resolve() : fail());
    request.onerror = fail;
    request.ontimeout = fail;
    request.onabort = fail;
  });
  request.open("POST", url);
  request.timeout = 120_000;
  request.send(form);
  return { done, cancel: () => request.abort() };
}

export function lastReadOf(userId: string): LastReadStore {
  const key = seen(userId);
  return {
    read: () => JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, number>,
    write: (lastRead) => localStorage.setItem(key, JSON.stringify(lastRead)),
  };
}

/** Removes what this browser keeps of a person; how the page looks stays. */
export async function forget(store: PageStore, userId: string): Promise<void> {
  for (const kept of [localStorage, sessionStorage])
    for (const key of [FRESH, seen(userId)]) kept.removeItem(key);
  await store.clear();
}

const seen = (userId: string) => `openclaw-seen-${userId}`;

export function onReturn(job: () => void): void {
  const visible = () => document.hidden || job();
  window.addEventListener("online", visible);
  document.addEventListener("visibilitychange", visible);
}

export function onStorage(job: () => void): void {
  window.addEventListener("storage", job);
}
