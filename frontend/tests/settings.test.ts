import type { ComponentChild } from "preact";
import { afterEach, expect, test } from "vitest";
import { Look } from "../src/settings/look";
import { Settings } from "../src/settings/settings";
import { TimeChoice } from "../src/ui/components/settings/TimeChoice";
import type { SettingsBody } from "../src/wire/api";
import { en } from "../src/words/en";
import { chosen, language } from "../src/words/words";
import { elements } from "./drawn";
import { fakeApi, keyValues, SETTINGS } from "./fakes";

const WORDS = { label: en.ownWork, hint: en.ownWorkHint, hintId: "work-hint" };

afterEach(() => {
  chosen.value = null;
});

const MODELS = {
  models: [
    { id: "a/opus", name: "Opus", provider: "a" },
    { id: "b/mini", name: "Mini", provider: "b" },
  ],
  default: "b/mini",
  demo: false,
};

function world(stored: SettingsBody = SETTINGS, kept: Record<string, string> = {}) {
  const saved: Partial<SettingsBody>[] = [];
  const facts = { refuses: false, changes: 0 };
  const api = fakeApi({
    settings: async () => stored,
    models: async () => MODELS,
    saveSettings: async (part) => {
      if (facts.refuses) throw new Error("refused");
      saved.push(part);
      return { ...stored, ...part };
    },
  });
  const storage = keyValues(kept);
  const root = { dataset: {} as Record<string, string | undefined> };
  const look = new Look(storage, root);
  const settings = new Settings(api, look, () => facts.changes++);
  return { settings, look, saved, facts, kept: storage.kept, root };
}

test("a change is shown at once, saved alone, and said to the other tabs", async () => {
  const { settings, saved, facts } = world();
  await settings.load();
  const changed = settings.change({ idleMinutes: 30 });
  expect(settings.current.value?.idleMinutes).toBe(30);
  expect(facts.changes).toBe(0);
  await changed;
  expect(saved).toEqual([{ idleMinutes: 30 }]);
  expect(facts.changes).toBe(1);
});

test("how long it may work by itself is chosen in hours, and saved alone", async () => {
  const { settings, saved } = world({ ...SETTINGS, ownWorkHours: 5 });
  await settings.load();
  const choose = (count: number) => settings.change({ ownWorkHours: count });
  const now = settings.current.value?.ownWorkHours ?? 0;
  const drawn = elements(
    TimeChoice({ ...WORDS, ready: true, now, choices: [1, 8], count: en.hours, choose }) as ComponentChild,
  );
  expect(drawn.filter(({ tag }) => tag === "option").map((each) => each.text)).toEqual(["1 h", "5 h", "8 h"]);
  const select = drawn.find(({ tag }) => tag === "select");
  expect(select?.props.value).toBe(5);
  expect(drawn.find(({ props }) => props.id === select?.props["aria-describedby"])?.text).toBe(
    en.ownWorkHint,
  );
  const change = select?.props.onChange as (event: object) => void;
  change({ currentTarget: { value: "8" } });
  expect(settings.current.value?.ownWorkHours).toBe(8);
  await expect.poll(() => saved).toEqual([{ ownWorkHours: 8 }]);
});

test("a change that the cloud refuses is taken back, and whoever asked hears of it", async () => {
  const { settings, facts } = world();
  await settings.load();
  facts.refuses = true;
  await expect(settings.change({ idleMinutes: 30 })).rejects.toThrow("refused");
  expect(settings.current.value).toEqual(SETTINGS);
  expect(facts.changes).toBe(0);
});

test("what the agent may do is saved alone, so that no old tab undoes it, and stays when the cloud refuses", async () => {
  const { settings, saved, facts } = world({ ...SETTINGS, idleMinutes: 30 });
  await settings.load();
  await settings.change({ permissionMode: "guarded" });
  expect(saved).toEqual([{ permissionMode: "guarded" }]);
  facts.refuses = true;
  await expect(settings.change({ permissionMode: "full" })).rejects.toThrow("refused");
  expect(settings.current.value?.permissionMode).toBe("guarded");
});

test("before the settings are there, nothing is changed or overwritten", async () => {
  const { settings, saved } = world();
  await settings.change({ idleMinutes: 30 });
  expect(saved).toEqual([]);
});

test("the model that answers is the chosen one, else the default", async () => {
  const { settings } = world();
  expect(settings.modelName).toBe("");
  await settings.load();
  expect(settings.modelName).toBe("Mini");
  await settings.change({ model: "a/opus" });
  expect(settings.modelName).toBe("Opus");
  await settings.change({ model: "c/gone" });
  expect(settings.modelName).toBe("c/gone");
});

test("the language that the cloud keeps is the page's, and is remembered on this device", async () => {
  const { settings, kept } = world({ ...SETTINGS, language: "ko" });
  await settings.load();
  expect(language.value).toBe("ko");
  expect(kept).toEqual({ "openclaw-language": "ko" });
});

test("a language is spoken as soon as it is chosen", async () => {
  const { settings } = world();
  await settings.load();
  const changed = settings.change({ language: "ko" });
  expect(language.value).toBe("ko");
  await changed;
});

test("the look of the last visit is there before the cloud is asked", () => {
  const { look, root } = world(SETTINGS, { "openclaw-theme": "dark", "openclaw-language": "ko" });
  look.restore();
  expect(root.dataset.theme).toBe("dark");
  expect(look.theme.value).toBe("dark");
  expect(language.value).toBe("ko");
});

test("without a last visit, or with one that makes no sense, the device decides", () => {
  const { look, root } = world(SETTINGS, { "openclaw-theme": "purple", "openclaw-language": "tlh" });
  look.restore();
  expect(root.dataset.theme).toBe("system");
  expect(chosen.value).toBeNull();
});

test("a theme is kept on this device", () => {
  const { look, root, kept } = world();
  look.setTheme("light");
  expect(root.dataset.theme).toBe("light");
  expect(kept).toEqual({ "openclaw-theme": "light" });
});
