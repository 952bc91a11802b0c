// Screen readers hear the start and the end of an answer, not each token.
import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../words/words";
import { usePage } from "../hooks/page";

export function Announcer() {
  const conversation = usePage().chat.open.current.value;
  const growing = (conversation?.answers.value.size ?? 0) > 0;
  const before = useRef(false);
  const [said, say] = useState("");
  useEffect(() => {
    if (growing !== before.current) say(growing ? words.value.answering : words.value.answered);
    before.current = growing;
  }, [growing]);
  return (
    <p class="unseen" aria-live="polite">
      {said}
    </p>
  );
}
