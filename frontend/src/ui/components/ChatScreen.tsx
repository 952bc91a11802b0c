// The page of somebody who is signed in: conversations at the side, the thread, the composer.
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";
import { words } from "../../words/words";
import { useEscape } from "../hooks/escape";
import { useLeaving } from "../hooks/leaving";
import { usePage } from "../hooks/page";
import { Announcer } from "./Announcer";
import { AgentStatus } from "./agent/AgentStatus";
import { Composer } from "./composer/Composer";
import { Icon } from "./Icon";
import { SettingsPanel } from "./settings/SettingsPanel";
import { Sidebar } from "./sidebar/Sidebar";
import { ToastList } from "./ToastList";
import { LinkSheet } from "./thread/LinkSheet";
import { Picture } from "./thread/Picture";
import { THREAD_ID, Thread } from "./thread/Thread";

export function ChatScreen() {
  const page = usePage();
  const id = page.chat.open.currentId.value;
  const conversation = page.chat.open.current.value;
  useEscape();
  useLeaving();
  const isMissing = conversation?.loading.value === "missing" && !hasOutgoing(page, id);
  return (
    <div class="chat">
      <SkipLink />
      <Sidebar />
      <main>
        <Header />
        {conversation && <Thread key={id} conversation={conversation} />}
        {!isMissing && <Composer conversationId={id} />}
      </main>
      <Announcer />
      <SettingsPanel />
      <Picture />
      <LinkSheet />
      <ToastList at="page" />
    </div>
  );
}

/** Something that was written here is still on its way: the cloud cannot know this conversation yet. */
function hasOutgoing(page: Page, id: string): boolean {
  return page.chat.outbox.messages.value.some((one) => one.conversationId === id);
}

function SkipLink() {
  const skip = (event: Event) => {
    event.preventDefault(); // the address names the conversation
    document.getElementById(THREAD_ID)?.focus();
  };
  return (
    <a class="skip" href={`#${THREAD_ID}`} onClick={skip}>
      {words.value.skip}
    </a>
  );
}

function Header() {
  const page = usePage();
  const title =
    page.chat.conversations.find(page.chat.open.currentId.value)?.title || words.value.newConversation;
  useEffect(() => {
    document.title = `${title} · ${words.value.name}`;
  }, [title]);
  return (
    <header>
      <button
        type="button"
        class="icon-button only-narrow"
        aria-label={words.value.openSidebar}
        onClick={() => (page.view.sidebarOpen.value = true)}
      >
        <Icon name="menu" />
      </button>
      <h1>{title}</h1>
      <AgentStatus />
    </header>
  );
}
