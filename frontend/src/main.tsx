// From an empty page to the chat: look, config, sign-in, then everything else.
import "./style/base.css";
import "./style/shell.css";
import "./style/thread.css";
import "./style/message.css";
import "./style/prose.css";
import "./style/composer.css";
import "./style/panels.css";
import { options, render } from "preact";
import { Page } from "./page";
import { loadProse } from "./prose/load";
import { type Config, loadConfig } from "./session/config";
import { Session } from "./session/session";
import { recallLook } from "./settings/settings";
import { Cupboard } from "./store/indexedDb";
import { Pocket } from "./store/memory";
import { App, screen } from "./ui/components/App";
import { words } from "./words/words";

// One commit per frame; a page nobody looks at has no frames and takes its time.
options.debounceRendering = (draw) => (document.hidden ? setTimeout(draw, 50) : requestAnimationFrame(draw));

async function enter(): Promise<void> {
  const config = await loadConfig().catch(() => null);
  if (!config) {
    screen.value = { kind: "broken", text: words.value.noConfig };
    return;
  }
  const session = new Session(config);
  const outcome = await session.restore().catch(() => "failed" as const);
  if (outcome === true) await openChat(config, session);
  else await knock(config, session, outcome === "failed");
}

/** On a laptop the provider answers without a page, so nobody has to press a button for it. */
async function knock(config: Config, session: Session, failed: boolean): Promise<void> {
  const signIn = () => void session.signIn().catch(() => knock({ ...config, stage: "" }, session, true));
  if (config.stage === "local" && !failed && session.mayRedirect) signIn();
  else screen.value = { kind: "signedOut", failed, signIn };
}

async function openChat(config: Config, session: Session): Promise<void> {
  const cupboard = await Cupboard.open(session.userId).catch(() => null);
  const page = new Page(config, session, cupboard ?? new Pocket());
  screen.value = { kind: "chat", page };
  page.start();
  if (!cupboard) page.toasts.show(words.value.storageFailed, "trouble");
}

recallLook();
const root = document.getElementById("root");
if (root) render(<App />, root);
void loadProse();
void enter();
