// What this person prefers: some of it kept by the cloud, the look kept on this device.
import { signal } from "@preact/signals";
import type { Api, Models, Settings } from "../wire/api";
import { chosen, LANGUAGES, type Language } from "../words/words";

export type Theme = "system" | "light" | "dark";

const THEME_KEY = "openclaw-theme";
const LANGUAGE_KEY = "openclaw-language";

export const theme = signal<Theme>("system");

/** The look of the last visit, before anything is drawn. */
export function recallLook(): void {
  const kept = localStorage.getItem(THEME_KEY);
  setTheme(kept === "light" || kept === "dark" ? kept : "system");
  const language = localStorage.getItem(LANGUAGE_KEY);
  if (language && language in LANGUAGES) speak(language as Language);
}

export function setTheme(wanted: Theme): void {
  theme.value = wanted;
  localStorage.setItem(THEME_KEY, wanted);
  document.documentElement.dataset.theme = wanted;
}

function speak(language: Language | null): void {
  chosen.value = language;
  if (language) localStorage.setItem(LANGUAGE_KEY, language);
}

export class Preferences {
  readonly settings = signal<Settings | null>(null);
  readonly models = signal<Models | null>(null);

  constructor(
    private readonly api: Pick<Api, "settings" | "saveSettings" | "models">,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    const [settings, models] = await Promise.all([this.api.settings(), this.api.models()]);
    this.settings.value = settings;
    this.models.value = models;
    if (settings.language) speak(settings.language);
  }

  /** Shown at once; taken back when the cloud refuses. */
  async change(part: Partial<Settings>): Promise<void> {
    const before = this.settings.value;
    if (!before) return;
    this.settings.value = { ...before, ...part };
    if (part.language) speak(part.language);
    try {
      this.settings.value = await this.api.saveSettings(this.settings.value);
    } catch (error) {
      this.settings.value = before;
      throw error;
    }
    this.changed();
  }

  /** The name of the model that answers. */
  get modelName(): string {
    const id = this.settings.value?.model ?? this.models.value?.default;
    return this.models.value?.models.find((model) => model.id === id)?.name ?? id ?? "";
  }
}
