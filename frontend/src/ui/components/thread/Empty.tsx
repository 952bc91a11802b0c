// Before the first message: what this is, three things to try, and which model answers.
import { mood } from "../../../chat/agent";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { Orb } from "../agent/Orb";

export function Empty() {
  const page = usePage();
  const { emptyTitle, emptyText, tries } = words.value;
  return (
    <div class="empty">
      <Orb mood={mood(page.chat.status.value)} progress={0.25} />
      <h2>{emptyTitle}</h2>
      <p>{emptyText}</p>
      <ul>
        {tries.map((text) => (
          <li key={text}>
            <button type="button" onClick={() => page.suggest(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Says all the time that nothing clever is to be expected, and what to do about it. */
export function DemoNote() {
  if (!usePage().settings.models.value?.demo) return null;
  return (
    <p class="demo-note">
      {words.value.demo((text) => (
        <code key={text}>{text}</code>
      ))}
    </p>
  );
}
