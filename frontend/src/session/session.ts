// Who is here: code + PKCE sign-in, the identity token, and its renewal. Drafts and outbox outlive all of it.
import type { User, UserManager } from "oidc-client-ts";
import type { Address, KeyValues, WithLock } from "../ports";
import type { Bearer } from "../wire/api";

const EARLY_S = 60; // renew before the cloud would refuse
const LOOP_MS = 10_000; // two automatic redirects within this are a loop
const LAST_REDIRECT = "openclaw-redirected-at";

/** OIDC's `state`: what comes back with us from the provider's page. */
interface SignInState {
  hash: string;
}

export interface SessionPorts {
  manager: Pick<
    UserManager,
    | "getUser"
    | "removeUser"
    | "signinRedirect"
    | "signinRedirectCallback"
    | "signinSilent"
    | "signoutRedirect"
  >;
  address: Address;
  /** Kept as long as this tab is open. */
  kept: KeyValues;
  withLock: WithLock;
  /** Milliseconds. */
  now(): number;
}

export class SignedOut extends Error {}

export class Session implements Bearer {
  private user: User | null = null;
  private leaving = false;

  constructor(private readonly ports: SessionPorts) {}

  get userId(): string {
    if (!this.user) throw new SignedOut();
    return this.user.profile.sub;
  }

  get email(): string {
    return this.user?.profile.email ?? "";
  }

  /** True when somebody is signed in, after the way back from the provider if we are on it. */
  async restore(): Promise<boolean> {
    if (isReturn(this.ports.address.query)) await this.finishSignIn();
    else this.user = await this.ports.manager.getUser();
    return this.user?.id_token !== undefined;
  }

  async signIn(): Promise<void> {
    const state: SignInState = { hash: this.ports.address.hash };
    this.ports.kept.setItem(LAST_REDIRECT, String(this.ports.now()));
    await this.ports.manager.signinRedirect({ state });
  }

  /** Whether the page may go to the provider without being asked to. */
  get mayRedirect(): boolean {
    return this.ports.now() - Number(this.ports.kept.getItem(LAST_REDIRECT) ?? 0) > LOOP_MS;
  }

  async signOut(): Promise<void> {
    await this.ports.manager.removeUser();
    await this.ports.manager.signoutRedirect().catch(() => this.ports.address.reload());
  }

  async token(): Promise<string> {
    const user = this.user;
    if (!user?.id_token) throw new SignedOut();
    const left = (user.profile.exp ?? 0) - this.ports.now() / 1000;
    return left > EARLY_S || !user.refresh_token ? user.id_token : this.renew();
  }

  /** A new token, from another tab or the provider; without one the person signs in again. */
  async renew(): Promise<string> {
    const used = this.user?.id_token; // before the lock: calls that are refused at once renew once
    return this.ports.withLock("openclaw-renew", async () => {
      this.user = await this.ports.manager.getUser();
      if (this.user?.id_token && this.user.id_token !== used) return this.user.id_token;
      return this.refresh();
    });
  }

  private async refresh(): Promise<string> {
    if (this.user?.refresh_token) {
      this.user = await this.ports.manager.signinSilent().catch(() => null);
      if (this.user?.id_token) return this.user.id_token;
    }
    await this.leave();
    throw new SignedOut();
  }

  /** Several calls may be refused at once; the page leaves once. */
  private async leave(): Promise<void> {
    if (this.leaving) return;
    this.leaving = true;
    const redirects = this.mayRedirect;
    await this.ports.manager.removeUser();
    if (redirects) await this.signIn().catch(() => this.ports.address.reload());
    else this.ports.address.reload();
  }

  private async finishSignIn(): Promise<void> {
    try {
      this.user = await this.ports.manager.signinRedirectCallback();
    } finally {
      const { hash } = (this.user?.state as SignInState | undefined) ?? { hash: "" };
      this.ports.address.replace(this.ports.address.path + hash);
    }
  }
}

function isReturn(query: string): boolean {
  const fields = new URLSearchParams(query);
  return fields.has("state") && (fields.has("code") || fields.has("error"));
}
