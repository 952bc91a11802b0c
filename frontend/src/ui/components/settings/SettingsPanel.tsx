// A small panel: which model, when the agent goes to sleep, language and theme.
import { useEffect, useRef } from "preact/hooks";
import type { Theme } from "../../../settings/look";
import { PERMISSION_MODES } from "../../../wire/api";
import { LANGUAGES, type Language, language, words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import { Icon } from "../Icon";
import { ToastList } from "../ToastList";
import { OpenHosts } from "./OpenHosts";
import { SignOut } from "./SignOut";
import { Telegram } from "./Telegram";
import { TimeChoice } from "./TimeChoice";

const IDLE_CHOICES = [5, 10, 15, 30, 60, 120]; // minutes
const WORK_CHOICES = [1, 2, 4, 8, 12, 24]; // hours

export function SettingsPanel() {
  const page = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!page.view.settingsOpen.value) return dialog.current?.close();
    dialog.current?.showModal();
    if (!page.settings.current.value) page.attempt(page.settings.load()); // the first time it may have failed
  }, [page.view.settingsOpen.value]);
  const close = () => {
    page.view.settingsOpen.value = false;
  };
  const { settings, close: closeWord } = words.value;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself; the click is on its backdrop
    <dialog
      ref={dialog}
      class="settings"
      aria-labelledby="settings-title"
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="settings-body">
        <div class="settings-head">
          <h2 id="settings-title">{settings}</h2>
          <button type="button" class="icon-button" aria-label={closeWord} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <ModelChoice />
        <IdleChoice />
        <WorkChoice />
        <ModeChoice />
        <LookChoice />
        <AgentButtons />
        <KillSwitch />
        <Telegram />
        <OpenHosts />
        <DemoHint />
        <SignOut />
      </div>
      <ToastList at="settings" />
    </dialog>
  );
}

function ModelChoice() {
  const { settings, view, attempt } = usePage();
  const known = settings.models.value;
  const { model, defaultModel } = words.value;
  const name = known?.models.find((one) => one.id === known.default)?.name ?? known?.default ?? "";
  const select = useRef<HTMLSelectElement>(null);
  const loaded = Boolean(settings.current.value);
  useEffect(() => {
    if (loaded && view.settingsOpen.peek()) select.current?.focus(); // what is disabled does not take a dialog's focus
  }, [loaded]);
  return (
    <label class="choice">
      <span>{model}</span>
      <select
        ref={select}
        autofocus
        disabled={!loaded}
        value={settings.current.value?.model ?? ""}
        onChange={(event) => attempt(settings.change({ model: event.currentTarget.value || null }))}
      >
        <option value="">{defaultModel(name)}</option>
        {known?.models.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function IdleChoice() {
  const { settings, attempt } = usePage();
  const { idleMinutes, idleHint, minutes } = words.value;
  return (
    <TimeChoice
      ready={Boolean(settings.current.value)}
      label={idleMinutes}
      hint={idleHint}
      hintId="idle-hint"
      now={settings.current.value?.idleMinutes ?? 15}
      choices={IDLE_CHOICES}
      count={minutes}
      choose={(count) => attempt(settings.change({ idleMinutes: count }))}
    />
  );
}

function WorkChoice() {
  const { settings, attempt } = usePage();
  const { ownWork, ownWorkHint, hours } = words.value;
  return (
    <TimeChoice
      ready={Boolean(settings.current.value)}
      label={ownWork}
      hint={ownWorkHint}
      hintId="work-hint"
      now={settings.current.value?.ownWorkHours ?? 8}
      choices={WORK_CHOICES}
      count={hours}
      choose={(count) => attempt(settings.change({ ownWorkHours: count }))}
    />
  );
}

function ModeChoice() {
  const { settings, attempt } = usePage();
  const { mayDo, modes, modeHint } = words.value;
  const now = settings.current.value?.permissionMode;
  return (
    <fieldset class="modes" disabled={!now} aria-describedby="mode-hint">
      <legend>{mayDo}</legend>
      {PERMISSION_MODES.map((mode) => (
        <label key={mode}>
          <input
            type="radio"
            name="permission-mode"
            checked={mode === now}
            onChange={() => attempt(settings.change({ permissionMode: mode }))}
          />
          <span>{modes[mode]}</span>
        </label>
      ))}
      <p class="hint" id="mode-hint">
        {modeHint}
      </p>
    </fieldset>
  );
}

function LookChoice() {
  const { settings, attempt } = usePage();
  const { language: languageWord, theme: themeWord, themes } = words.value;
  return (
    <>
      <label class="choice">
        <span>{languageWord}</span>
        <select
          disabled={!settings.current.value}
          value={language.value}
          onChange={(event) => attempt(settings.change({ language: event.currentTarget.value as Language }))}
        >
          {Object.entries(LANGUAGES).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>{themeWord}</span>
        <select
          value={settings.look.theme.value}
          onChange={(event) => settings.look.setTheme(event.currentTarget.value as Theme)}
        >
          {Object.entries(themes).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function AgentButtons() {
  const page = usePage();
  const state = page.chat.status.value?.status;
  const { wakeNow, sleepNow, agent } = words.value;
  return (
    <div class="choice">
      <span>{agent}</span>
      {state === "running" ? (
        <button type="button" class="plain-button" onClick={() => page.attempt(page.sleep())}>
          {sleepNow}
        </button>
      ) : (
        <button
          type="button"
          class="plain-button"
          disabled={state !== "idle"}
          onClick={() => page.attempt(page.wake())}
        >
          {wakeNow}
        </button>
      )}
    </div>
  );
}

/** One's own: what the deployment's has stopped, the note above the composer tells. */
function KillSwitch() {
  const page = usePage();
  const halted = page.chat.status.value?.noteCode === "halted";
  const { haltAll, haltHint, liftHalt, killSwitch } = words.value;
  return (
    <div>
      <div class="choice">
        <span>{killSwitch}</span>
        <button
          type="button"
          class="plain-button"
          aria-describedby="halt-hint"
          onClick={() => page.attempt(page.halt(!halted))}
        >
          {halted ? liftHalt : haltAll}
        </button>
      </div>
      <p class="hint" id="halt-hint">
        {haltHint}
      </p>
    </div>
  );
}

function DemoHint() {
  if (!usePage().settings.models.value?.demo) return null;
  const { demo, demoMore } = words.value;
  return (
    <p class="demo-hint">
      {demo((text) => (
        <code key={text}>{text}</code>
      ))}{" "}
      {demoMore}
    </p>
  );
}
