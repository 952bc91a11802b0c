// Several tabs of one person agree: they tell each other what changed, and one at a time does what must not be doubled.

export type News = "outbox" | "conversations" | "settings";

export class Tabs {
  private readonly channel: BroadcastChannel;

  constructor(private readonly name: string) {
    this.channel = new BroadcastChannel(name);
  }

  tell(news: News): void {
    this.channel.postMessage(news);
  }

  listen(heard: (news: News) => void): void {
    this.channel.onmessage = (event: MessageEvent<News>) => heard(event.data);
  }

  /** Runs `job` while no other tab does. */
  async alone(job: () => Promise<void>): Promise<void> {
    await navigator.locks.request(`${this.name}-outbox`, job);
  }
}
