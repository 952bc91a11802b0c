// How the page looks and speaks on this device: kept here, so that it is right before the cloud is asked.
import { signal } from "@preact/signals";
import type { KeyValues } from "../ports";
import { chosen, LANGUAGES, type Language } from "../words/words";

export type Theme = "system" | "light" | "dark";

const THEME_KEY = "openclaw-theme";
const LANGUAGE_KEY = "openclaw-language";

export class Look {
  readonly theme = signal<Theme>("system");

  constructor(
    private readonly kept: KeyValues,
    private readonly root: { dataset: Record<string, string | undefined> },
  ) {}

  /** The look of the last visit, before anything is drawn. */
  restore(): void {
    const theme = this.kept.getItem(THEME_KEY);
    this.setTheme(theme === "light" || theme === "dark" ? theme : "system");
    const language = this.kept.getItem(LANGUAGE_KEY);
    if (language && language in LANGUAGES) this.setLanguage(language as Language);
  }

  setTheme(theme: Theme): void {
    this.theme.value = theme;
    this.kept.setItem(THEME_KEY, theme);
    this.root.dataset.theme = theme;
  }

  setLanguage(language: Language): void {
    chosen.value = language;
    this.kept.setItem(LANGUAGE_KEY, language);
  }
}
