// The agent as a small light: asleep, waking with a ring of progress, ready, going to sleep.
import type { Mood } from "../../../chat/agent";

const RADIUS = 10;
const AROUND = 2 * Math.PI * RADIUS;

export function Orb({ mood, progress = 0 }: { mood: Mood; progress?: number }) {
  return (
    <svg class="orb" data-mood={mood} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle class="orb-track" cx="12" cy="12" r={RADIUS} />
      {mood === "waking" && (
        <circle
          class="orb-ring"
          cx="12"
          cy="12"
          r={RADIUS}
          stroke-dasharray={AROUND}
          stroke-dashoffset={AROUND * (1 - progress)}
        />
      )}
      <circle class="orb-core" cx="12" cy="12" r="6" />
    </svg>
  );
}
