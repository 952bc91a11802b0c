// Who is here: code + PKCE sign-in, the identity token, and its renewal. Drafts and outbox outlive all of it.
import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { Bearer } from "../wire/api";
import type { Config } from "./config";

const EARLY_S = 60; // renew before the cloud would refuse
const LOOP_MS = 10_000; // two automatic redirects within this are a loop
const LAST_REDIRECT = "openclaw-redirected-at";

/** What comes back with us from the provider's page. */
interface Luggage {
  hash: string;
}

export class SignedOut extends Error {}

export class Session implements Bearer {
  private readonly manager: UserManager;
  private user: User | null = null;
  private leaving = false;

  constructor(config: Config) {
    const page = new URL(".", window.location.href).href;
    this.manager = new UserManager({
      authority: config.oidc.authority,
      client_id: config.oidc.clientId,
      scope: config.oidc.scope,
      redirect_uri: page,
      post_logout_redirect_uri: page,
      response_type: "code",
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: window.localStorage }), // tabs and launches agree
    });
  }

  get userId(): string {
    if (!this.user) throw new SignedOut();
    return this.user.profile.sub;
  }

  get email(): string {
    return this.user?.profile.email ?? "";
  }

  /** True when somebody is signed in, after the way back from the provider if we are on it. */
  async restore(): Promise<boolean> {
    if (isReturn(window.location.search)) await this.comeBack();
    else this.user = await this.manager.getUser();
    return this.user?.id_token !== undefined;
  }

  async signIn(): Promise<void> {
    const state: Luggage = { hash: window.location.hash };
    sessionStorage.setItem(LAST_REDIRECT, String(Date.now()));
    await this.manager.signinRedirect({ state });
  }

  /** Whether the page may go to the provider without being asked to. */
  get mayRedirect(): boolean {
    return Date.now() - Number(sessionStorage.getItem(LAST_REDIRECT) ?? 0) > LOOP_MS;
  }

  async signOut(): Promise<void> {
    await this.manager.removeUser();
    await this.manager.signoutRedirect().catch(() => window.location.reload());
  }

  async token(): Promise<string> {
    const user = this.user;
    if (!user?.id_token) throw new SignedOut();
    const left = (user.profile.exp ?? 0) - Date.now() / 1000;
    return left > EARLY_S || !user.refresh_token ? user.id_token : this.renew();
  }

  /** A new token, from another tab or the provider; without one the person signs in again. */
  async renew(): Promise<string> {
    return navigator.locks.request("openclaw-renew", async () => {
      const used = this.user?.id_token;
      this.user = await this.manager.getUser();
      if (this.user?.id_token && this.user.id_token !== used) return this.user.id_token;
      return this.refresh();
    });
  }

  private async refresh(): Promise<string> {
    if (this.user?.refresh_token) {
      this.user = await this.manager.signinSilent().catch(() => null);
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
    await this.manager.removeUser();
    if (redirects) await this.signIn().catch(() => window.location.reload());
    else window.location.reload();
  }

  private async comeBack(): Promise<void> {
    try {
      this.user = await this.manager.signinRedirectCallback();
    } finally {
      const { hash } = (this.user?.state as Luggage | undefined) ?? { hash: "" };
      window.history.replaceState(null, "", window.location.pathname + hash);
    }
  }
}

function isReturn(query: string): boolean {
  const fields = new URLSearchParams(query);
  return fields.has("state") && (fields.has("code") || fields.has("error"));
}
