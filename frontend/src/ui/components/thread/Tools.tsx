// What the agent did on the way: one line for the group, the details on demand.
import type { ToolStep } from "../../../chat/answer";
import { words } from "../../../words/words";
import { Icon } from "../Icon";

export function Tools({ steps }: { steps: readonly ToolStep[] }) {
  return (
    <details class="tools">
      <summary>
        <Icon name="chevron" />
        <span>{title(steps)}</span>
      </summary>
      <ol>
        {steps.map((step) => (
          <li key={step.n} data-state={step.state}>
            <strong>{step.name}</strong> {step.summary}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
            {step.detail && <pre tabIndex={0}>{step.detail}</pre>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function title(steps: readonly ToolStep[]): string {
  const { usingTool, usedTools, failedTools } = words.value;
  const running = steps.findLast((step) => step.state === "running");
  if (running) return usingTool(running.name);
  const failed = steps.filter((step) => step.state === "failed").length;
  return [usedTools(steps.length), failed ? failedTools(failed) : ""].filter(Boolean).join(" · ");
}
