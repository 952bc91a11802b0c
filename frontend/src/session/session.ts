// Who is here: code + PKCE sign-in, the identity token, and its renewal. Drafts and outbox outlive all of it.
// Only a refusal ends a session: without a network, or with a provider that is ill, the page stays and tries again.
import type { User, UserManager } from "oidc-client-ts";
import type { Address, KeyValues, WithLock } from "../ports";
import { ApiError, type Bearer } from "../wire/api";

const EARLY_S = 300; // renew before the cloud would refuse, and when it says that a socket ends with its token
const LOOP_MS = 10_000; // two automatic redirects within this are a loop
const AGAIN_MS = 10_000; // a new token that is refused at once is not renewed once more
const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 5_000;
const LAST_REDIRECT = "openclaw-redirected-at";
const SIGNED_OUT = "openclaw-signed-out";
const RENEWAL = "openclaw-renew";

/** OAuth's words for a session that is over; everything else may pass. */
const REFUSALS = new Set([
  ...["invalid_grant", "invalid_request", "invalid_client", "invalid_scope", "invalid_token"],
  ...["unauthorized_client", "unsupported_grant_type", "access_denied"],
  ...["login_required", "interaction_required", "consent_required"],
]);

/** OIDC's `state`: what comes back with us from the provider's page. */
interface SignInState {
  hash: string;
}

export interface SessionPorts {
  manager: Pick<
    UserManager,
    | "getUser"
    | "removeUser"
    | "revokeTokens"
    | "signinRedirect"
    | "signinRedirectCallback"
    | "signinSilent"
    | "signoutRedirect"
  >;
  address: Address;
  /** Kept as long as this tab is open. */
  kept: KeyValues;
  /** Kept on this device. */
  device: KeyValues;
  withLock: WithLock;
  /** The page's own address, where the provider lets a person return to. */
  home: string;
  /** Milliseconds. */
  now(): number;
  /** The session is over, and the page could not go to the provider: it shows how to sign in. */
  ended(): void;
}

export class SignedOut extends Error {}

export class Session implements Bearer {
  private user: User | null = null;
  private leaving = false;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private readonly failing = { times: 0, until: 0 };

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
    this.ports.device.removeItem(SIGNED_OUT);
    this.ports.kept.setItem(LAST_REDIRECT, String(this.ports.now()));
    await this.ports.manager.signinRedirect({ state });
  }

  /** Whether the page may go to the provider without being asked to. */
  get mayRedirect(): boolean {
    return this.ports.now() - Number(this.ports.kept.getItem(LAST_REDIRECT) ?? 0) > LOOP_MS;
  }

  /** Whoever has signed out is not signed in again without being asked. */
  get staysOut(): boolean {
    return this.ports.device.getItem(SIGNED_OUT) !== null;
  }

  /** Takes the refresh token back, so that nobody who has it is signed in. */
  async signOut(): Promise<void> {
    const { manager, device, withLock, home, ended } = this.ports;
    this.leaving = true;
    device.setItem(SIGNED_OUT, "yes");
    await withLock(RENEWAL, () => manager.revokeTokens(["refresh_token"])).catch(() => {}); // it is gone from here
    await manager.removeUser();
    const extraQueryParams = { logout_uri: home }; // Cognito's own name for it, without which it refuses
    await manager.signoutRedirect({ extraQueryParams }).catch(() => ended());
  }

  /** The cloud refuses all that was given before a sign-out everywhere: the session is over here, too. */
  async end(): Promise<void> {
    if (!this.leaving) await this.signOut();
  }

  async token(): Promise<string> {
    const user = this.user;
    if (!user?.id_token) throw new SignedOut();
    if (this.left(user) > EARLY_S || !user.refresh_token) return user.id_token;
    const old = user.id_token; // the cloud may still believe it, and says so if it does not
    return this.renew().catch((error) => {
      if (error instanceof ApiError) return old;
      throw error;
    });
  }

  /** A new token, from another tab or the provider; without one the person signs in again. */
  async renew(): Promise<string> {
    const used = this.user?.id_token; // before the lock: calls that are refused at once renew once
    return this.ports.withLock(RENEWAL, async () => {
      this.user = await this.ports.manager.getUser();
      if (this.user?.id_token && (this.user.id_token !== used || this.isNew)) return this.user.id_token;
      return this.refresh();
    });
  }

  private async refresh(): Promise<string> {
    const renewed = this.user?.refresh_token ? await this.askProvider() : null;
    if (renewed?.id_token) {
      this.user = renewed;
      this.renewedAt = this.ports.now();
      return renewed.id_token;
    }
    await this.leave();
    throw new SignedOut();
  }

  /** Null when the provider refuses. Throws ApiError when it cannot be reached, and then is left alone for a while. */
  private async askProvider(): Promise<User | null> {
    const { failing, ports } = this;
    if (ports.now() < failing.until) throw unreachable();
    try {
      const renewed = await ports.manager.signinSilent();
      failing.times = 0;
      return renewed;
    } catch (error) {
      if (isRefusal(error)) return null;
      failing.until = ports.now() + Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failing.times++);
      throw unreachable();
    }
  }

  /** Seconds, by the clock at which the token came: whether that clock is right does not matter. */
  private left(user: User): number {
    return (user.expires_at ?? user.profile.exp ?? 0) - this.ports.now() / 1000;
  }

  private get isNew(): boolean {
    return this.ports.now() - this.renewedAt < AGAIN_MS;
  }

  /** Several calls may be refused at once; the page leaves once. */
  private async leave(): Promise<void> {
    if (this.leaving) return;
    this.leaving = true;
    const redirects = this.mayRedirect && !this.staysOut; // signed out in another tab meanwhile
    await this.ports.manager.removeUser();
    if (redirects) await this.signIn().catch(() => this.ports.ended());
    else this.ports.ended();
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

/** Also a token that nobody can read: it does not get better. */
function isRefusal(error: unknown): boolean {
  if (error instanceof Error && error.name === "InvalidTokenError") return true;
  const code = typeof error === "object" && error !== null && "error" in error ? error.error : undefined;
  return typeof code === "string" && REFUSALS.has(code);
}

function unreachable(): ApiError {
  return new ApiError("offline", "The sign-in provider cannot be reached.", 0);
}

function isReturn(query: string): boolean {
  const fields = new URLSearchParams(query);
  return fields.has("state") && (fields.has("code") || fields.has("error"));
}
