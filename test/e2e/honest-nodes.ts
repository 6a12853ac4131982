import { setTimeout as sleep } from 'node:timers/promises';
import { Sample } from '../support/write-request';

/** A node that writes a counter once a second, and repeats samples that were not accepted. */
export class WritingNode {
  private running = true;
  private readonly waiting: Sample[] = [];
  private readonly done: Promise<void>;
  /** Number of samples counted until now. */
  count = 0;

  constructor(private readonly write: (samples: readonly Sample[]) => Promise<number>) {
    this.done = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async work(): Promise<void> {
    while (this.running || this.waiting.length > 0) {
      if (this.running) this.waiting.push(new Sample(Date.now(), ++this.count));
      const taken = [...this.waiting];
      const status = await this.write(taken).catch(() => 0);
      if (status >= 200 && status < 300) this.waiting.splice(0, taken.length);
      await sleep(1_000);
    }
  }
}

/** A node that pushes a number once a second, and remembers who refused it. */
export class PushingNode {
  private running = true;
  private readonly done: Promise<void>;
  count = 0;
  readonly refused: string[] = [];

  constructor(private readonly push: (count: number) => Promise<string>) {
    this.done = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async work(): Promise<void> {
    while (this.running) {
      const answer = await this.push(++this.count).catch((error) => `${error}`);
      if (answer) this.refused.push(answer);
      await sleep(1_000);
    }
  }
}
