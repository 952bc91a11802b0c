import type { User } from "oidc-client-ts";
import { expect, test } from "vitest";
import { Session, type SessionPorts, SignedOut } from "../src/session/session";
import { FakeAddress, keyValues, locks } from "./fakes";

const HOME = "https://agent.example/";
const NOW = Date.parse("2026-01-01T12:00:00Z");

/** Somebody whose token is good for `left` seconds. */
function user(token: string, left = 3600, rest: Partial<User> = {}): User {
  const profile = { sub: "u", email: "u@example.com", exp: NOW / 1000 + left };
  return { id_token: token, refresh_token: "r", profile, ...rest } as unknown as User;
}

/** The provider, and what this browser keeps of it. */
function world(stored: User | null = null, device = keyValues()) {
  const calls: string[] = [];
  const provider = {
    ...{ stored, renewed: null as User | null, returned: user("returned"), refuses: false },
    fails: null as Error | null,
  };
  const step = async <T>(call: string, answer: T): Promise<T> => {
    calls.push(call);
    if (provider.fails) throw provider.fails;
    if (provider.refuses && call !== "removeUser") throw new Error("the provider refuses");
    return answer;
  };
  const manager = {
    getUser: async () => provider.stored,
    removeUser: async () => {
      provider.stored = null;
      await step("removeUser", undefined);
    },
    signinRedirect: (args?: { state?: unknown }) =>
      step(`redirect ${JSON.stringify(args?.state)}`, undefined),
    signinRedirectCallback: () => step("callback", provider.returned),
    signinSilent: async () => {
      provider.stored = await step("silent", provider.renewed);
      return provider.stored;
    },
    revokeTokens: (types?: string[]) => step(`revoke ${types}`, undefined),
    signoutRedirect: (args?: { extraQueryParams?: Record<string, unknown> }) => {
      expect(args?.extraQueryParams).toEqual({ logout_uri: HOME });
      return step("signout", undefined);
    },
  } as SessionPorts["manager"];
  const address = new FakeAddress();
  const kept = keyValues();
  const time = { now: NOW };
  const ended = () => void calls.push("ended");
  const ports = { manager, address, kept, device, withLock: locks(), home: HOME, now: () => time.now, ended };
  return { session: new Session(ports), provider, address, calls, time, device };
}

test("whoever is still signed in from the last visit is known, and nobody else", async () => {
  const known = world(user("kept"));
  expect(await known.session.restore()).toBe(true);
  expect(known.session.userId).toBe("u");
  expect(known.session.email).toBe("u@example.com");
  const stranger = world();
  expect(await stranger.session.restore()).toBe(false);
  expect(() => stranger.session.userId).toThrow(SignedOut);
  expect(stranger.session.email).toBe("");
});

test("on the way back from the provider the person is where they were before", async () => {
  const { session, provider, address } = world();
  address.query = "?code=x&state=y";
  provider.returned = user("returned", 3600, { state: { hash: "#/c/1" } });
  expect(await session.restore()).toBe(true);
  expect(address.replaced).toEqual(["/app/#/c/1"]);
  expect(await session.token()).toBe("returned");
});

test("a way back that fails is an error, and does not stay in the address", async () => {
  const { session, provider, address } = world();
  address.query = "?error=access_denied&state=y";
  provider.refuses = true;
  await expect(session.restore()).rejects.toThrow("the provider refuses");
  expect(address.replaced).toEqual(["/app/"]);
});

test("signing in takes along where the person is", async () => {
  const { session, address, calls } = world();
  address.hash = "#/c/1";
  await session.signIn();
  expect(calls).toEqual(['redirect {"hash":"#/c/1"}']);
});

test("the page goes to the provider by itself only once in ten seconds", async () => {
  const { session, time } = world();
  expect(session.mayRedirect).toBe(true);
  await session.signIn();
  expect(session.mayRedirect).toBe(false);
  time.now += 10_001;
  expect(session.mayRedirect).toBe(true);
});

test("a good token is used as it is, one that soon runs out is renewed", async () => {
  const good = world(user("good", 301));
  await good.session.restore();
  expect(await good.session.token()).toBe("good");
  const old = world(user("old", 299));
  await old.session.restore();
  old.provider.renewed = user("new");
  expect(await old.session.token()).toBe("new");
  expect(old.calls).toEqual(["silent"]);
});

test("without anything to renew it with, a token is used until the cloud refuses it", async () => {
  const { session, calls } = world(user("only", 5, { refresh_token: undefined as unknown as string }));
  await session.restore();
  expect(await session.token()).toBe("only");
  expect(calls).toEqual([]);
});

test("a token that another tab has renewed is taken instead of asking the provider", async () => {
  const { session, provider, calls } = world(user("old"));
  await session.restore();
  provider.stored = user("of the other tab");
  expect(await session.renew()).toBe("of the other tab");
  expect(calls).toEqual([]);
});

test("calls that are refused at once renew once", async () => {
  const { session, provider, calls } = world(user("old"));
  await session.restore();
  provider.renewed = user("new");
  expect(await Promise.all([session.renew(), session.renew()])).toEqual(["new", "new"]);
  expect(calls).toEqual(["silent"]);
});

test("without a new token the person signs in again; the page leaves once", async () => {
  const { session, calls } = world(user("old"));
  await session.restore();
  const outcomes = await Promise.allSettled([session.renew(), session.renew()]);
  expect(outcomes.map((one) => one.status === "rejected" && one.reason instanceof SignedOut)).toEqual([
    true,
    true,
  ]);
  expect(calls.filter((call) => call.startsWith("redirect"))).toHaveLength(1);
  expect(calls).not.toContain("ended");
  await expect(session.token()).rejects.toThrow(SignedOut);
});

test("a page that has just come from the provider shows how to sign in instead of going there in a circle", async () => {
  const { session, calls } = world(user("old"));
  await session.restore();
  await session.signIn();
  await expect(session.renew()).rejects.toThrow(SignedOut);
  expect(calls.filter((call) => call === "ended")).toHaveLength(1);
  expect(calls.filter((call) => call.startsWith("redirect"))).toHaveLength(1);
});

test("signing out works here, even when the provider does not answer", async () => {
  const { session, provider, calls } = world(user("kept"));
  await session.restore();
  provider.refuses = true;
  await session.signOut();
  expect(provider.stored).toBeNull();
  expect(calls).toEqual(["revoke refresh_token", "removeUser", "signout", "ended"]);
});

test("signing out takes the refresh token back before it is forgotten here", async () => {
  const { session, provider, calls } = world(user("kept"));
  await session.restore();
  await session.signOut();
  expect(calls).toEqual(["revoke refresh_token", "removeUser", "signout"]);
  expect(provider.stored).toBeNull();
});

test("a session that was ended everywhere ends here once, and nobody is led to sign in", async () => {
  const { session, calls } = world(user("old"));
  await session.restore();
  await Promise.all([session.end(), session.end()]);
  await session.end();
  expect(calls).toEqual(["revoke refresh_token", "removeUser", "signout"]);
  expect(session.staysOut).toBe(true);
  await expect(session.renew()).rejects.toThrow(SignedOut);
  expect(calls.some((call) => call.startsWith("redirect"))).toBe(false);
});

test("a tab does not sign in again what another one has signed out meanwhile", async () => {
  const here = world(user("old"));
  const there = world(user("old"), here.device);
  await here.session.restore();
  await there.session.restore();
  await there.session.signOut();
  await expect(here.session.renew()).rejects.toThrow(SignedOut);
  expect(here.calls).toContain("ended");
  expect(here.calls.some((call) => call.startsWith("redirect"))).toBe(false);
});

test("whoever has signed out stays out until they sign in", async () => {
  const { session } = world(user("kept"));
  await session.restore();
  expect(session.staysOut).toBe(false);
  await session.signOut();
  expect(session.staysOut).toBe(true);
  await session.signIn();
  expect(session.staysOut).toBe(false);
});

const refusal = (error: string) => Object.assign(new Error(error), { error });

test.each(["invalid_grant", "invalid_client", "login_required", "access_denied"])(
  "a provider that refuses with %s ends the session",
  async (error) => {
    const { session, provider, calls } = world(user("old"));
    await session.restore();
    provider.fails = refusal(error);
    await expect(session.renew()).rejects.toThrow();
    expect(calls[0]).toBe("silent");
    expect(provider.stored).toBeNull();
  },
);

test("a kept token that nobody can read ends the session", async () => {
  const { session, provider } = world(user("old"));
  await session.restore();
  provider.fails = Object.assign(new Error("not a JWT"), { name: "InvalidTokenError" });
  await expect(session.renew()).rejects.toThrow();
  expect(provider.stored).toBeNull();
});

test.each([
  new TypeError("Failed to fetch"),
  new Error("Network timed out"),
  new Error("Bad Gateway (502)"),
  refusal("server_error"),
  refusal("temporarily_unavailable"),
  new SyntaxError("Unexpected token '<'"),
])("a failure such as '%s' keeps the session and the page", async (error) => {
  const { session, provider, calls } = world(user("old", 5));
  await session.restore();
  provider.fails = error;
  await expect(session.renew()).rejects.toMatchObject({ code: "offline" });
  expect(await session.token()).toBe("old"); // the cloud says whether it still believes it
  expect(provider.stored?.id_token).toBe("old");
  expect(calls).toEqual(["silent"]);
});

test("a provider that cannot be reached is asked less and less often, and then again", async () => {
  const { session, provider, calls, time } = world(user("old"));
  await session.restore();
  provider.fails = new TypeError("Failed to fetch");
  for (let second = 0; second < 60; second++) {
    await expect(session.renew()).rejects.toMatchObject({ code: "offline" });
    time.now += 1_000;
  }
  expect(calls.length).toBeLessThan(17);
  provider.fails = null;
  provider.renewed = user("new");
  time.now += 5_000;
  expect(await session.renew()).toBe("new");
});

test.each([-86_400, -3_600, 3_600, 86_400, 10 * 365 * 86_400])(
  "a clock that is %s s off renews no more often than another",
  async (off) => {
    const came = NOW / 1000 + off;
    const { session, provider, calls, time } = world(user("kept", 3600, { expires_at: came + 3600 }));
    await session.restore();
    time.now = (came + 10) * 1000;
    for (let call = 0; call < 5; call++) expect(await session.token()).toBe("kept");
    expect(calls).toEqual([]);
    time.now = (came + 3350) * 1000;
    provider.renewed = user("new", 3600, { expires_at: came + 3350 + 3600 });
    for (let call = 0; call < 5; call++) expect(await session.token()).toBe("new");
    expect(calls).toEqual(["silent"]);
  },
);

test("a new token that is refused at once is not renewed with every call", async () => {
  const { session, provider, calls } = world(user("old"));
  await session.restore();
  provider.renewed = user("new");
  await session.renew();
  provider.renewed = user("newer");
  expect(await session.renew()).toBe("new");
  expect(calls).toEqual(["silent"]);
});
