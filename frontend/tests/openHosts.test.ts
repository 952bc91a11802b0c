import { expect, test } from "vitest";
import { type Outside, readOutside } from "../src/prose/outside";
import { OpenHosts } from "../src/settings/openHosts";

function outside(address: string): Outside {
  const found = readOutside(address);
  if (!found) throw new Error(`${address} is no link`);
  return found;
}

function device() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test("a site that was allowed stays so on this device, on its port and with its scheme alone", () => {
  const kept = device();
  new OpenHosts(kept).add(outside("https://example.com/a"));
  const hosts = new OpenHosts(kept);
  hosts.restore();
  expect(hosts.has(outside("https://EXAMPLE.com/b?c"))).toBe(true);
  for (const other of ["http://example.com", "https://example.com:8443", "https://a.example.com"]) {
    expect(hosts.has(outside(other)), other).toBe(false);
  }
});

test("all are asked about again when the person wants it so", () => {
  const kept = device();
  const hosts = new OpenHosts(kept);
  hosts.add(outside("https://example.com"));
  hosts.clear();
  hosts.restore();
  expect(hosts.list.value).toEqual([]);
  expect(hosts.has(outside("https://example.com"))).toBe(false);
});

test("mail is always asked about, and no list grows without end", () => {
  const hosts = new OpenHosts(device());
  hosts.add(outside("mailto:a@example.com"));
  expect(hosts.list.value).toEqual([]);
  for (let at = 0; at < 150; at++) hosts.add(outside(`https://${at}.example`));
  expect(hosts.list.value).toHaveLength(100);
  expect(hosts.has(outside("https://149.example"))).toBe(true);
  expect(hosts.has(outside("https://0.example"))).toBe(false);
});
