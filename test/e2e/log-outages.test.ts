import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../runtime/wait';
import { CONTAINERS } from './container-logs';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

/** Longer than a batch waits: lines are read, and on their way. */
const READ_MS = 15_000;

ofEachAgent('brings every line through an outage', (agent: AgentUnderTest) => {
  let logs: LogStack;

  beforeAll(async () => {
    logs = await LogStack.create(agent);
    logs.files.write('first', 1);
    await logs.arrive('first', 1);
  });

  afterAll(() => logs?.destroy());

  /** Lines of before, and of after something that happens while the link is cut. */
  async function inOutage(text: string, happens: () => Promise<void> | void): Promise<void> {
    logs.uplink.cut();
    try {
      logs.files.write(text, 50);
      await sleep(READ_MS);
      await happens();
      logs.files.write(text, 50);
      await sleep(3_000);
    } finally {
      logs.uplink.restore();
    }
  }

  /** Other agents respond to a reload after delivering their data, and read passwords at each request. */
  async function reloaded(before: number): Promise<void> {
    if (agent.name === 'Fluent Bit')
      await eventually('the agent has read its files again', () => logs.reloads > before, { seconds: 120 });
    else await sleep(READ_MS * 2);
  }

  test.each([
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ] as const)('when it is %s', async (how, signal) => {
    await inOutage(signal, () => logs.agent.signal(signal));
    await logs.account(`${how} in an outage`, signal, 100);
  });

  test('when it becomes another user, while both are valid', async () => {
    let written = 0;
    const timer = setInterval(() => {
      logs.files.write('another-user', 1);
      written += 1;
    }, 500);
    await sleep(READ_MS / 3);
    logs.changeUser('edge-2', 'staple-battery-horse');
    // Without file notifications, Alloy checks a file once a minute.
    await eventually('it pushes as the other user', () => logs.hasPushed('edge-2'), { seconds: 150 });
    clearInterval(timer);
    await logs.arrive('another-user', written);
    logs.report('another user, while lines are written', written * CONTAINERS, written * CONTAINERS);
  });

  test.each([
    [
      'the password of its user changes',
      'password',
      () => logs.changePassword('battery-horse-staple-correct'),
    ],
    [
      'it becomes another user in an outage',
      'renamed',
      () => logs.changeUser('edge-3', 'horse-staple-battery'),
    ],
  ])('when %s', async (what, text, change) => {
    const before = logs.reloads;
    await inOutage(text, async () => {
      change();
      await reloaded(before);
    });
    await logs.account(what, text, 100);
  });

  test('when its configuration changes', async () => {
    const before = logs.reloads;
    await inOutage('reload', async () => {
      logs.touchConfiguration();
      await reloaded(before);
    });
    await logs.account('reloaded in an outage', 'reload', 100);
  });

  test('when its password is refused until it gets the right one', async () => {
    const before = logs.reloads;
    logs.breakPassword();
    await reloaded(before);
    logs.files.write('refused', 50);
    await sleep(READ_MS);
    logs.mendPassword();
    await reloaded(before + 1);
    await logs.account('password refused for a while', 'refused', 50);
  });

  test('when Loki is away', async () => {
    await logs.loki.stop();
    logs.files.write('without-loki', 50);
    await sleep(READ_MS);
    await logs.loki.start();
    await logs.account('Loki away for a while', 'without-loki', 50);
  });
});
