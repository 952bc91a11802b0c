// The orb with its word in the header, and the chip above the composer that says what sending will do.
import { mood, SHARES, type Waking, waking } from "../../../chat/agent";
import { isNotRestored } from "../../../chat/backups";
import type { Status } from "../../../wire/status";
import { noteOf, seconds, words } from "../../../words/words";
import { useLasting, useNow } from "../../hooks/now";
import { usePage } from "../../hooks/page";
import { Orb } from "./Orb";
import { WayOut } from "./WayOut";

const OFFLINE_MS = 1_500; // a planned change of the connection takes less

export function AgentStatus() {
  const status = usePage().chat.status.value;
  const now = useNow(status?.status === "starting");
  const progress = status ? waking(status, now).progress : 0;
  const { agentIs, moods } = words.value;
  return (
    <div class="agent-status" role="status">
      <Orb mood={mood(status)} progress={progress} />
      <span>
        <span class="unseen">{agentIs} </span>
        <span class="agent-mood">{moods[mood(status)]}</span>
      </span>
    </div>
  );
}

export function AgentChip() {
  const { chat } = usePage();
  const status = chat.status.value;
  const offline = useLasting(chat.connection.value === "waiting", OFFLINE_MS);
  if (offline) return <p class="chip chip-offline">{words.value.offlineChip}</p>;
  if (!status) return null;
  if (status.status === "running") return <RunningChip status={status} />;
  return status.status === "starting" ? <WakingChip status={status} /> : <RestingChip status={status} />;
}

/** Nothing to say, usually. */
function RunningChip({ status }: { status: Status }) {
  const note = noteOf(status);
  return note ? <p class="chip chip-late">{note}</p> : null;
}

function RestingChip({ status }: { status: Status }) {
  const { asleepChip, about, drainingChip } = words.value;
  const note = noteOf(status);
  if (isNotRestored(status)) return <WayOut status={status} />;
  if (note) return <p class="chip chip-late">{note}</p>;
  if (status.status === "stopping") return <p class="chip">{drainingChip}</p>;
  const usual = status.eta ? about(seconds(Math.round(status.eta.p50))) : "";
  return (
    <p class="chip">
      {asleepChip} {usual}
    </p>
  );
}

function WakingChip({ status }: { status: Status }) {
  const now = useNow(true);
  const wake = waking(status, now);
  const note = noteOf(status);
  if (isNotRestored(status)) return <WayOut status={status} />;
  return (
    <div class="chip chip-waking">
      <p>
        {words.value.wakingChip(wake.step)} <span class="chip-time">{timing(wake)}</span>
      </p>
      <StartSteps wake={wake} />
      {(note || wake.late) && <p class="chip-late">{note ?? words.value.late}</p>}
    </div>
  );
}

function StartSteps({ wake }: { wake: Waking }) {
  return (
    <span class="start-steps" aria-hidden="true">
      {SHARES.map((share, at) => (
        <i
          key={at}
          style={{ flexGrow: share * 100 }}
          data-at={at < wake.index ? "done" : at === wake.index ? "now" : "later"}
        />
      ))}
    </span>
  );
}

function timing(wake: Waking): string {
  const elapsed = seconds(Math.floor(wake.elapsed));
  return wake.usual === undefined ? elapsed : words.value.ofAbout(elapsed, seconds(Math.round(wake.usual)));
}
