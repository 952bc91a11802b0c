// config.json beside the page: where the cloud is and who signs people in. Read once, at run time.
import { object, text } from "../wire/shape";

export interface Config {
  stage: string;
  api: string;
  socket: string;
  oidc: { authority: string; clientId: string; scope: string };
}

export function readConfig(value: unknown): Config {
  const fields = object(value, "config.json");
  const oidc = object(fields.oidc, "oidc");
  return {
    stage: text(fields, "stage"),
    api: text(fields, "api"),
    socket: text(fields, "socket"),
    oidc: {
      authority: text(oidc, "authority"),
      clientId: text(oidc, "clientId"),
      scope: text(oidc, "scope"),
    },
  };
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return readConfig(await answer.json());
}
