// The page of somebody who is signed in: conversations at the side, the thread, the composer.
import { useEffect } from "preact/hooks";
import { usePage } from "../../page";
import { words } from "../../words/words";
import { Announcer } from "./Announcer";
import { AgentStatus } from "./agent/AgentStatus";
import { Composer } from "./composer/Composer";
import { Icon } from "./Icon";
import { Settings } from "./settings/SettingsPanel";
import { Sidebar } from "./sidebar/Sidebar";
import { ToastList } from "./ToastList";
import { Thread } from "./thread/Thread";

export function ChatScreen() {
  const page = usePage();
  const id = page.chat.current.value;
  const conversation = page.chat.conversation.value;
  useEscape();
  return (
    <div class="chat">
      <Sidebar />
      <main>
        <Header />
        {conversation && <Thread key={id} conversation={conversation} />}
        <Composer conversationId={id} />
      </main>
      <Announcer />
      <Settings />
      <ToastList />
    </div>
  );
}

function Header() {
  const page = usePage();
  const title = page.chat.conversations.find(page.chat.current.value)?.title || words.value.newConversation;
  useEffect(() => {
    document.title = `${title} · ${words.value.name}`;
  }, [title]);
  return (
    <header>
      <button
        type="button"
        class="icon-button only-narrow"
        aria-label={words.value.openSidebar}
        onClick={() => (page.sidebarOpen.value = true)}
      >
        <Icon name="menu" />
      </button>
      <h1>{title}</h1>
      <AgentStatus />
    </header>
  );
}

/** Esc closes what is open, else it stops the answer. */
function useEscape(): void {
  const page = usePage();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      if (page.settingsOpen.value || document.querySelector(":popover-open")) return;
      if (page.sidebarOpen.value) page.sidebarOpen.value = false;
      else page.chat.stop();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [page]);
}
