// Where the person writes. It is never disabled: what is sent while the agent sleeps waits in the outbox.
import { useEffect, useRef } from "preact/hooks";
import { clean, isEmpty } from "../../../wire/message";
import { fits } from "../../../wire/protocol";
import { words } from "../../../words/words";
import { useAttaching } from "../../hooks/attaching";
import { useComposing } from "../../hooks/composing";
import { useDraft } from "../../hooks/draft";
import { useGrowing } from "../../hooks/grow";
import { usePage } from "../../hooks/page";
import { AgentChip } from "../agent/AgentStatus";
import { Icon } from "../Icon";
import { DemoNote } from "../thread/Empty";
import { Chips } from "./Chips";

export function Composer({ conversationId }: { conversationId: string }) {
  const page = usePage();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(page, conversationId);
  const files = useAttaching(page, conversationId, () => send());

  const send = () => {
    const text = clean(draft.text.value).trim();
    if (!fits(text)) {
      if (!files.attach(text)) return;
      draft.write("");
      return send();
    }
    const attachments = files.take();
    if (!attachments || (isEmpty(text) && !attachments.length)) return;
    draft.clear();
    void page.dispatch({ kind: "send", conversationId, text, attachments });
    field.current?.focus();
  };
  const write = (text: string) => {
    files.problem.value = "";
    draft.write(text);
  };
  useFocus(field, conversationId);

  return (
    <div class="composer-frame">
      <AgentChip />
      <form
        class="composer"
        onDragOver={(event) => event.preventDefault()}
        onDrop={files.onDrop}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Chips conversationId={conversationId} />
        <Field field={field} text={draft.text.value} write={write} send={send} paste={files.onPaste} />
        {files.problem.value && <Problem text={files.problem.value} />}
        <Buttons empty={isEmpty(draft.text.value) && !page.attachments.of(conversationId).length} />
      </form>
      <DemoNote />
    </div>
  );
}

function Problem({ text }: { text: string }) {
  return (
    <p class="too-long" role="alert">
      {text}
    </p>
  );
}

/** Where there is a keyboard, one can write at once; and everywhere, after a suggestion was taken. */
function useFocus(field: { current: HTMLTextAreaElement | null }, conversationId: string): void {
  const suggested = usePage().view.suggestion.value;
  useEffect(() => {
    if (suggested) field.current?.focus(); // the draft has taken the words over by now
  }, [suggested]);
  useEffect(() => {
    if (window.matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [conversationId]);
}

interface FieldProps {
  field: { current: HTMLTextAreaElement | null };
  text: string;
  write(text: string): void;
  send(): void;
  paste(event: ClipboardEvent): void;
}

function Field({ field, text, write, send, paste }: FieldProps) {
  useGrowing(field, text);
  const hangul = useComposing(send);
  return (
    <textarea
      ref={field}
      rows={1}
      value={text}
      aria-label={words.value.message}
      placeholder={words.value.placeholder}
      enterkeyhint="send"
      autocomplete="off"
      onPaste={paste}
      onInput={(event) => write(event.currentTarget.value)}
      onCompositionStart={() => hangul.started()}
      onCompositionUpdate={(event) => hangul.updated(event.data)}
      onCompositionEnd={(event) => hangul.ended(event.data)}
      onBeforeInput={(event) => {
        if (hangul.breaksNoLine && /^insert(LineBreak|Paragraph)$/.test(event.inputType))
          event.preventDefault();
      }}
      onKeyDown={(event) => {
        const verdict = hangul.key(event);
        if (verdict !== "pass") event.preventDefault();
        if (verdict === "send") send();
      }}
      onKeyUp={(event) => hangul.released(event)}
      onBlur={() => hangul.blurred()}
    />
  );
}

function Buttons({ empty }: { empty: boolean }) {
  const page = usePage();
  const { stop, send, settings } = words.value;
  const running = page.chat.open.current.value?.running;
  return (
    <div class="composer-buttons">
      <button
        type="button"
        class="model-name"
        aria-label={`${settings}: ${page.settings.modelName}`}
        onClick={() => (page.view.settingsOpen.value = true)}
      >
        {page.settings.modelName}
      </button>
      {running && (
        <button
          type="button"
          class="round stop"
          aria-label={stop}
          aria-busy={page.chat.stopping.value.has(running)}
          onClick={() => page.chat.stop()}
        >
          <i />
        </button>
      )}
      <button type="submit" class="round send" aria-label={send} data-empty={empty}>
        <Icon name="send" />
      </button>
    </div>
  );
}
