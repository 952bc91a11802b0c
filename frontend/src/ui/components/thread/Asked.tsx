// What the agent asks before it acts. The cards are loaded when there is one: most agents do not ask.
import { useEffect, useState } from "preact/hooks";
import type { Approval } from "../../../chat/approvals";
import { usePage } from "../../hooks/page";

export function Asked({ approvals }: { approvals: readonly Approval[] }) {
  const { attempt } = usePage();
  const [loaded, setLoaded] = useState<typeof import("./Approvals") | null>(null);
  useEffect(() => attempt(import("./Approvals").then(setLoaded)), []);
  return loaded && <loaded.Approvals approvals={approvals} />;
}
