// What was found, in the place of the list: each leads to where it was said.
import type { Hit } from "../../../wire/hit";
import { day, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { marked } from "../../marked";

export function Hits() {
  const { search, attempt } = usePage();
  const { retry, searchFurther } = words.value;
  return (
    <>
      <ul class="hits">
        {search.hits.value.map((hit) => (
          <OneHit key={`${hit.conversationId} ${hit.said?.seq}`} hit={hit} />
        ))}
      </ul>
      <p class="hint" role="status">
        <State />
      </p>
      {search.state.value === "failed" && <More label={retry} run={() => attempt(search.again())} />}
      {search.state.value === "found" && search.after.value !== null && (
        <More label={searchFurther} run={() => attempt(search.more())} />
      )}
    </>
  );
}

function More({ label, run }: { label: string; run(): void }) {
  return (
    <button type="button" class="earlier" onClick={run}>
      {label}
    </button>
  );
}

function State() {
  const { search } = usePage();
  const { searching, searchFailed, foundNothing, foundNothingYet, found } = words.value;
  const count = search.hits.value.length;
  if (search.state.value === "searching") return <>{searching}</>;
  if (search.state.value === "failed") return <>{searchFailed}</>;
  if (count) return <>{found(count)}</>;
  return <>{search.after.value === null ? foundNothing : foundNothingYet}</>;
}

function OneHit({ hit }: { hit: Hit }) {
  const page = usePage();
  const { you, agent, newConversation } = words.value;
  return (
    <li class="hit">
      <a href={`#/c/${hit.conversationId}`} onClick={(event) => isPlain(event) && page.lead(hit)}>
        <span class="hit-head">
          <span class="row-title">
            <Marked text={hit.title || newConversation} />
          </span>
          <time dateTime={hit.at}>{day(hit.at)}</time>
        </span>
        {hit.said && (
          <span class="hit-text">
            {hit.said.role === "user" ? you : agent}: <Marked text={hit.said.excerpt} />
          </span>
        )}
      </a>
    </li>
  );
}

/** Not one that opens a tab or a window of its own. */
function isPlain(event: MouseEvent): boolean {
  return !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

function Marked({ text }: { text: string }) {
  const parts = marked(text, usePage().search.words.value);
  return <>{parts.map((part, at) => (part.hit ? <mark key={at}>{part.text}</mark> : part.text))}</>;
}
