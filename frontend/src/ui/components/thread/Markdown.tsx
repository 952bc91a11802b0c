// An answer's text: finished blocks stay as they are, only the growing one is drawn again.
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Prose, prose } from "../../../prose/load";
import type { Block, Blocks } from "../../../prose/prose";
import { addCodeHeads } from "../../code";
import { memo } from "../../memo";
import { CodeBlock } from "./CodeBlock";

export function Markdown({ text, grows }: { text: string; grows: boolean }) {
  const loaded = prose.value;
  const blocks = useRef<Blocks | null>(null);
  if (!loaded) return <div class="prose plain">{text}</div>;
  blocks.current ??= new loaded.Blocks();
  return (
    <div class="prose">
      {blocks.current.update(text, grows).map((block, at) => (
        <BlockView key={at} block={block} prose={loaded} />
      ))}
    </div>
  );
}

const BlockView = memo(({ block, prose: { draw } }: { block: Block; prose: Prose }) =>
  block.token.type === "code" ? (
    <CodeBlock text={block.token.text} language={block.token.lang ?? ""} />
  ) : (
    <Drawn block={block} draw={draw} />
  ),
);

function Drawn({ block, draw }: { block: Block; draw: Prose["draw"] }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(drawn(block, draw));
  }, [block, draw]);
  return <div class="block" ref={place} />;
}

/** A block that cannot be drawn is shown as it was written. */
function drawn(block: Block, draw: Prose["draw"]): DocumentFragment {
  try {
    const fragment = draw(block.token);
    addCodeHeads(fragment);
    return fragment;
  } catch {
    const words = document.createElement("p");
    words.className = "plain";
    words.textContent = block.raw;
    const fragment = new DocumentFragment();
    fragment.append(words);
    return fragment;
  }
}
