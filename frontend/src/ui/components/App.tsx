// Which screen: on the way in, the sign-in page, the chat, or a plain word about what is wrong.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";
import { language, words } from "../../words/words";
import { PageContext } from "../hooks/page";
import { Orb } from "./agent/Orb";
import { ScreenBoundary } from "./Boundary";
import { ChatScreen } from "./ChatScreen";

export type Screen =
  | { kind: "entering" }
  | { kind: "signedOut"; failed: boolean; signIn(): void }
  | { kind: "broken"; text: string }
  | { kind: "chat"; page: Page };

export const screen = signal<Screen>({ kind: "entering" });

export function App() {
  const now = screen.value;
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  if (now.kind === "chat") {
    return (
      <PageContext.Provider value={now.page}>
        <ScreenBoundary of={now.page}>
          <ChatScreen />
        </ScreenBoundary>
      </PageContext.Provider>
    );
  }
  return (
    <main class="entry">
      <Orb mood="ready" />
      <h1>{words.value.name}</h1>
      <EntryScreen now={now} />
    </main>
  );
}

function EntryScreen({ now }: { now: Exclude<Screen, { kind: "chat" }> }) {
  const { signIn, signInText, signInFailed, signingIn, reload } = words.value;
  if (now.kind === "entering") return <p class="late">{signingIn}</p>;
  if (now.kind === "broken") {
    return (
      <>
        <p role="alert">{now.text}</p>
        <button type="button" class="accent-button" onClick={() => window.location.reload()}>
          {reload}
        </button>
      </>
    );
  }
  return (
    <>
      <p>{signInText}</p>
      {now.failed && <p role="alert">{signInFailed}</p>}
      <button type="button" class="accent-button" onClick={() => now.signIn()}>
        {signIn}
      </button>
    </>
  );
}
