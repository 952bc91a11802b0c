// From an empty page to the chat: look, config, sign-in, then everything else. Passes the real browser to the parts.
import "./style/base.css";
import "./style/shell.css";
import "./style/thread.css";
import "./style/message.css";
import "./style/approvals.css";
import "./style/prose.css";
import "./style/composer.css";
import "./style/files.css";
import "./style/panels.css";
import { options, render } from "preact";
import {
  address,
  after,
  claim,
  connectTo,
  forget,
  home,
  lastReadOf,
  onReturn,
  onStorage,
  upload,
  userManager,
  withLock,
} from "./browser";
import { Tabs } from "./chat/tabs";
import { Fresh } from "./fresh";
import { Page, type PagePorts } from "./page";
import { loadProse } from "./prose/load";
import { Route } from "./route";
import { type Config, loadConfig } from "./session/config";
import { Session } from "./session/session";
import { Look } from "./settings/look";
import { OpenHosts } from "./settings/openHosts";
import { IndexedDbStore } from "./store/indexedDb";
import { MemoryStore } from "./store/memory";
import type { PageStore } from "./store/store";
import { App, screen } from "./ui/components/App";
import { Api } from "./wire/api";
import { words } from "./words/words";

const { now } = Date;
const newId = () => crypto.randomUUID();
const look = new Look(localStorage, document.documentElement);
const openHosts = new OpenHosts(localStorage);

// One commit per frame; a page nobody looks at has no frames and takes its time.
options.debounceRendering = (draw) => (document.hidden ? setTimeout(draw, 50) : requestAnimationFrame(draw));

async function enter(): Promise<void> {
  const config = await loadConfig().catch(() => null);
  if (!config) {
    screen.value = { kind: "broken", text: words.value.noConfig };
    window.addEventListener("online", () => window.location.reload(), { once: true });
    return;
  }
  const session = openSession(config);
  const outcome = await session.restore().catch(() => "failed" as const);
  if (outcome === true) await openChat(config, session);
  else await showSignIn(config, session, outcome === "failed");
}

function openSession(config: Config): Session {
  const manager = userManager(config);
  const kept = { kept: sessionStorage, device: localStorage };
  const session = new Session({
    manager,
    address,
    ...kept,
    withLock,
    home: home(),
    now,
    ended: () => leave(config, session),
  });
  return session;
}

/** The session is over while the page is open. */
function leave(config: Config, session: Session): void {
  if (screen.value.kind === "chat") screen.value.page.stop();
  void showSignIn(config, session, !session.staysOut);
}

/** On a laptop the provider answers without a page, so nobody has to press a button for it. */
async function showSignIn(config: Config, session: Session, failed: boolean): Promise<void> {
  const signIn = () => void session.signIn().catch(() => showSignIn({ ...config, stage: "" }, session, true));
  const byItself = config.stage === "local" && !session.staysOut && session.mayRedirect;
  if (byItself && !failed) signIn();
  else screen.value = { kind: "signedOut", failed, signIn };
}

async function openChat(config: Config, session: Session): Promise<void> {
  const store = await IndexedDbStore.open(session.userId).catch(() => null);
  const fresh = new Fresh({ tab: sessionStorage, device: localStorage, claim, newId });
  await fresh.open();
  const page = new Page(portsOf(config, session, store ?? new MemoryStore(), fresh));
  screen.value = { kind: "chat", page };
  page.start();
  onStorage(() => {
    if (session.staysOut && screen.value.kind === "chat") leave(config, session); // another tab has signed out
  });
  if (!store) page.toasts.show(words.value.storageFailed, "error");
}

function portsOf(config: Config, session: Session, store: PageStore, fresh: Fresh): PagePorts {
  const { userId } = session;
  const channel = (name: string) => new BroadcastChannel(name);
  return {
    api: new Api(config.api, session),
    session,
    store,
    forget: () => forget(store, userId),
    lastRead: lastReadOf(userId),
    tabs: new Tabs(`openclaw-${userId}`, { channel, withLock }),
    route: new Route(address, fresh),
    look,
    openHosts,
    connect: connectTo(config.socket),
    upload,
    onReturn,
    onStorage,
    after,
    now,
    random: Math.random,
    newId,
  };
}

look.restore();
openHosts.restore();
const root = document.getElementById("root");
if (root) render(<App />, root);
void loadProse();
void enter();
