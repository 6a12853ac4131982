import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../runtime/wait';
import { CONTAINERS } from './container-logs';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

/** How long an outage goes on after something has happened in it: shorter than a stopped agent may take to end. */
const REMAINING_OUTAGE_MS = 3_000;

/** Bytes of a backlog: less than the lines that the test writes, and more than an agent rounds. */
const LEAST_BACKLOG = 10_000;

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
    await logs.waitUntilSent();
    logs.uplink.cut();
    try {
      await logs.writeUntilHeld(text, 50);
      await happens();
      logs.files.write(text, 50);
      await sleep(REMAINING_OUTAGE_MS);
    } finally {
      logs.uplink.restore();
    }
  }

  /** Runs a change of the agent's files until it has read them again. */
  async function reloaded(change: () => void): Promise<void> {
    const before = logs.reloads;
    change();
    await eventually('the agent has read its files again', () => logs.reloads > before);
  }

  /** The same in an outage, at whose end other agents than Fluent Bit read a new configuration. */
  async function asked(change: () => void): Promise<void> {
    if (agent.name === 'Fluent Bit') return reloaded(change);
    const before = logs.reloadRequests;
    change();
    await eventually('the agent is asked to reload', () => logs.reloadRequests > before);
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
    try {
      await eventually('lines are written', () => written >= 10);
      logs.changeUser('edge-2', 'staple-battery-horse');
      // Without file notifications, Alloy checks a file once a minute.
      await eventually('it pushes as the other user', () => logs.hasPushed('edge-2'), { seconds: 150 });
    } finally {
      clearInterval(timer);
    }
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
    await inOutage(text, () => asked(change));
    await logs.account(what, text, 100);
    await eventually('the reloader has seen that the agent has the new files', () => logs.reloads > before);
  });

  test('when its configuration changes', async () => {
    const before = logs.reloads;
    await inOutage('reload', () => asked(() => logs.changeConfiguration()));
    await logs.account('reloaded in an outage', 'reload', 100);
    await eventually('the reloader has seen that the agent has the new files', () => logs.reloads > before);
  });

  test('when its password is refused until it gets the right one', async () => {
    await logs.waitUntilSent();
    await reloaded(() => logs.breakPassword());
    const refused = logs.pushesWith(503);
    await logs.writeUntilHeld('refused', 50);
    await eventually('its pushes are refused', () => logs.pushesWith(503) > refused);
    // Others count what they have not read, which is more than a batch only in a longer outage.
    if (agent.name === 'Fluent Bit')
      await eventually('it has a backlog', async () => (await logs.backlog()) > LEAST_BACKLOG);
    await reloaded(() => logs.mendPassword());
    await logs.account('password refused for a while', 'refused', 50);
    await eventually('it has no backlog', async () => (await logs.backlog()) < LEAST_BACKLOG);
  });

  test('when Loki is away', async () => {
    await logs.waitUntilSent();
    await logs.loki.stop();
    await logs.writeUntilHeld('without-loki', 50);
    await logs.loki.start();
    await logs.account('Loki away for a while', 'without-loki', 50);
  });
});
