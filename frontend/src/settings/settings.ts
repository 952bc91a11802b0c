// What the owner chose. The cloud keeps it; the look is kept on this device too.
import { signal } from "@preact/signals";
import type { Api, Models, SettingsBody } from "../wire/api";
import type { Look } from "./look";

export class Settings {
  readonly current = signal<SettingsBody | null>(null);
  readonly models = signal<Models | null>(null);

  constructor(
    private readonly api: Pick<Api, "settings" | "saveSettings" | "models">,
    readonly look: Look,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    const [settings, models] = await Promise.all([this.api.settings(), this.api.models()]);
    this.current.value = settings;
    this.models.value = models;
    if (settings.language) this.look.setLanguage(settings.language);
  }

  /** Shown at once; taken back when the cloud refuses. */
  async change(part: Partial<SettingsBody>): Promise<void> {
    const before = this.current.value;
    if (!before) return;
    this.current.value = { ...before, ...part };
    if (part.language) this.look.setLanguage(part.language);
    try {
      this.current.value = await this.api.saveSettings(part); // and nothing that another tab may have changed
    } catch (error) {
      this.current.value = before;
      throw error;
    }
    this.changed();
  }

  /** The name of the model that answers. */
  get modelName(): string {
    const id = this.current.value?.model ?? this.models.value?.default;
    return this.models.value?.models.find((model) => model.id === id)?.name ?? id ?? "";
  }
}
