// Signing out, here or everywhere, with one question: does this browser keep what it has?
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";

type Asked = "here" | "everywhere" | null;

export function SignOut() {
  const page = usePage();
  const [asked, ask] = useState<Asked>(null);
  const { signOut, signOutEverywhere } = words.value;
  useEffect(() => {
    if (!page.view.settingsOpen.value) ask(null);
  }, [page.view.settingsOpen.value]);
  if (asked) return <Question everywhere={asked === "everywhere"} stay={() => ask(null)} />;
  return (
    <div class="settings-foot">
      <span class="hint">{page.email}</span>
      <div class="sign-out">
        <button type="button" class="plain-button" onClick={() => ask("here")}>
          {signOut}
        </button>
        <button type="button" class="plain-button" onClick={() => ask("everywhere")}>
          {signOutEverywhere}
        </button>
      </div>
    </div>
  );
}

function Question({ everywhere, stay }: { everywhere: boolean; stay: () => void }) {
  const page = usePage();
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const leave = (forget: boolean) => page.attempt(page.signOut({ everywhere, forget }));
  const { askKept, askEverywhere, removeKept, keepKept, staySignedIn } = words.value;
  return (
    <section class="settings-foot sign-out-question" aria-labelledby="sign-out-question">
      <p id="sign-out-question">
        {everywhere && <>{askEverywhere} </>}
        {askKept}
      </p>
      <div class="sign-out">
        <button ref={first} type="button" class="plain-button" onClick={() => leave(false)}>
          {keepKept}
        </button>
        <button type="button" class="plain-button" onClick={() => leave(true)}>
          {removeKept}
        </button>
        <button type="button" class="plain-button" onClick={stay}>
          {staySignedIn}
        </button>
      </div>
    </section>
  );
}
