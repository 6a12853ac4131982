import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reaper } from '../../lib/cloud/pushgateway/reaper/reaper.mjs';
import { type ServedHere, serveHere } from '../support/served-here';

const DAY = 86_400;

/** A Pushgateway with its filter, whose clock, start and groups are set by a test. */
class Shard {
  readonly groups = new Map<string, number>();
  /** Ahead of this machine's clock, in seconds. */
  clock = 0;
  started = -10 * DAY;
  broken = false;
  url = '';
  private served?: ServedHere;

  get now(): number {
    return Date.now() / 1_000 + this.clock;
  }

  /** Sets the seconds since the last push of a group. */
  pushed(job: string, secondsAgo = 0): void {
    this.groups.set(job, this.now - secondsAgo);
  }

  async start(): Promise<this> {
    this.served = await serveHere((request, response) => this.answer(request, response));
    this.url = `http://127.0.0.1:${this.served.ports[0]}`;
    return this;
  }

  stop(): Promise<void> | undefined {
    return this.served?.stop();
  }

  private answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    if (method === 'DELETE') {
      const [, , , job = ''] = url.split('/');
      this.groups.delete(Buffer.from(job, 'base64url').toString());
      response.writeHead(202).end();
    } else if (this.broken) response.destroy();
    else response.end(this.list());
  }

  private list(): string {
    const groups = [...this.groups].map(([job, pushed]) => ({ labels: { job }, pushed }));
    return JSON.stringify({ now: this.now, started: this.now + this.started, groups });
  }
}

describe('the reaper', () => {
  let shards: Shard[];
  let shard: Shard;
  let said: string[];

  beforeEach(async () => {
    said = [];
    jest.spyOn(console, 'log').mockImplementation((line) => said.push(line));
    shards = await Promise.all([new Shard(), new Shard()].map((one) => one.start()));
    [shard = new Shard()] = shards;
  });

  afterEach(() => Promise.all(shards.map((one) => one.stop())));

  const reaperOf = (read: readonly Shard[], environment: Record<string, string> = {}) =>
    new Reaper({
      SHARDS: JSON.stringify(read.map(({ url }) => ({ url, list: url }))),
      SETTLING_SECONDS: '0',
      MAX_AGE_SECONDS: `${DAY}`,
      ...environment,
    });

  describe('deletes for their age', () => {
    beforeEach(() => {
      shard.pushed('fresh');
      shard.pushed('silent', DAY + 60);
      shard.pushed('quiet', DAY - 3_600);
    });

    test('groups that were silent for longer, and no others', async () => {
      await reaperOf([shard]).deleteStaleGroups();
      expect([...shard.groups.keys()]).toEqual(['fresh', 'quiet']);
      expect(said.at(-1)).toMatch(/deleted \{job="silent"\}: last push 864\d\d s ago/);
    });

    test.each([-3 * DAY, 3 * DAY, 40 * 365 * DAY])(
      'by the clock of the Pushgateway, which may be %d s off its own',
      async (clock) => {
        shard.clock = clock;
        shard.pushed('fresh');
        shard.pushed('silent', DAY + 60);
        shard.pushed('quiet', DAY - 3_600);
        await reaperOf([shard]).deleteStaleGroups();
        expect([...shard.groups.keys()]).toEqual(['fresh', 'quiet']);
      },
    );

    test('not a moment before pushes have arrived for a while, and says so once', async () => {
      const reaper = reaperOf([shard], { SETTLING_SECONDS: '600' });
      for (let look = 0; look < 3; look++) await reaper.deleteStaleGroups();
      expect(shard.groups.size).toBe(3);
      expect(said).toEqual([
        expect.stringMatching(/old metric groups are not deleted until pushes have arrived for 600 s$/),
      ]);
    });

    test('nothing while nobody pushes: the fault is not the nodes’', async () => {
      shard.pushed('fresh', DAY);
      await reaperOf([shard]).deleteStaleGroups();
      expect(shard.groups.size).toBe(3);
      expect(said).toEqual([expect.stringMatching(/no pushes arrive: old metric groups are not deleted$/)]);
    });

    test('nothing that is older than the process: a restored store says how long it lay there', async () => {
      shard.started = -3_600;
      await reaperOf([shard]).deleteStaleGroups();
      expect(shard.groups.size).toBe(3);
    });

    test('nothing for a day after somebody set the clock', async () => {
      shard.groups.delete('silent');
      const reaper = reaperOf([shard]);
      await reaper.deleteStaleGroups();
      shard.clock = 2 * DAY;
      shard.pushed('fresh');
      await reaper.deleteStaleGroups();
      expect([...shard.groups.keys()]).toEqual(['fresh', 'quiet']);
      expect(said.some((line) => /the clock was adjusted by 1728\d\d s$/.test(line))).toBe(true);
    });

    test('nothing that could not be read as a whole', async () => {
      const reaper = reaperOf([shard]);
      shard.broken = true;
      await reaper.deleteStaleGroups();
      expect(said).toEqual([expect.stringMatching(/cannot read the list of metric groups: /)]);
      expect(shard.groups.size).toBe(3);
      shard.broken = false;
      await reaper.deleteStaleGroups();
      expect([...shard.groups.keys()]).toEqual(['fresh', 'quiet']);
    });

    test('nothing where it is not told an age', async () => {
      await reaperOf([shard], { MAX_AGE_SECONDS: '' }).deleteStaleGroups();
      expect(shard.groups.size).toBe(3);
    });
  });

  test('takes a copy that a node left behind out of the shard that it left, whatever the clocks say', async () => {
    const [left, entered] = shards as [Shard, Shard];
    left.clock = 600;
    left.pushed('moved', 120);
    left.pushed('alone', 5_000);
    entered.pushed('moved', 5);
    await reaperOf([left, entered], { MAX_AGE_SECONDS: '' }).deleteStaleGroups();
    expect([[...left.groups.keys()], [...entered.groups.keys()]]).toEqual([['alone'], ['moved']]);
    expect(said.at(-1)).toContain('the node pushes to another shard');
  });

  test('leaves two groups of one name alone while both are pushed', async () => {
    shards[0]?.pushed('twice', 20);
    shards[1]?.pushed('twice');
    await reaperOf(shards).deleteStaleGroups();
    expect(shards.map(({ groups }) => groups.size)).toEqual([1, 1]);
  });

  test('says by a file that it has looked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reaper-'));
    try {
      const file = join(folder, 'alive');
      await reaperOf([shard], { ALIVE_FILE: file }).deleteStaleGroups();
      expect(existsSync(file)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
