// The page of somebody who is signed in: conversations at the side, the thread, the composer.
import { useEffect } from "preact/hooks";
import { words } from "../../words/words";
import { useEscape } from "../hooks/escape";
import { usePage } from "../hooks/page";
import { Announcer } from "./Announcer";
import { AgentStatus } from "./agent/AgentStatus";
import { Composer } from "./composer/Composer";
import { Icon } from "./Icon";
import { SettingsPanel } from "./settings/SettingsPanel";
import { Sidebar } from "./sidebar/Sidebar";
import { ToastList } from "./ToastList";
import { Thread } from "./thread/Thread";

export function ChatScreen() {
  const page = usePage();
  const id = page.chat.open.currentId.value;
  const conversation = page.chat.open.current.value;
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
      <SettingsPanel />
      <ToastList />
    </div>
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
