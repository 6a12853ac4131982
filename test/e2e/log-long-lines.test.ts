import { eventually } from '../runtime/wait';
import { CONTAINERS, type FileFormat } from './container-logs';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

/** Line lengths in kibibytes, below Loki's maximum. */
const LENGTHS = Array.from({ length: 24 }, (_, index) => 20 + ((index * 70) % 221));
const ALL = CONTAINERS * LENGTHS.length;

// Each wait is bounded by its own polls.
ofEachAgent('keeps lines whole that the runtime cut into parts', (agent: AgentUnderTest) => {
  let logs: LogStack;

  beforeAll(async () => {
    logs = await LogStack.create(agent);
    logs.files.write('first', 1);
    await logs.arrive('first', 1);
  });

  afterAll(() => logs?.destroy());

  /** Writes lines of many words of each container, with signs that JSON escapes, and one that follows them. */
  function write(text: string, format: FileFormat): void {
    const word = `<${text}> "a" \\b\t& `;
    const lines = LENGTHS.map(
      (kibibytes, index) => `long-${text}-${index} ${word.repeat((kibibytes * 1_024) / word.length)}end`,
    );
    for (let container = 0; container < CONTAINERS; container += 1)
      logs.files.appendInParts(container, lines, format);
    logs.files.write(`after-${text}`, 1);
  }

  /**
   * How many of them are in Loki whole, when the ends of all are. Agents send a batch again whose answer was late, except
   * for Fluent Bit, which does so only if it ends before the answer.
   */
  async function whole(text: string, isOnce = agent.name === 'Fluent Bit'): Promise<number> {
    await logs.arrive(`after-${text}`, 1);
    const lines = async (filter: string) =>
      (await logs.counts(`{namespace="many"} ${filter}`)).reduce((sum, count) => sum + count, 0);
    let ends = 0;
    await eventually(
      () => `the ends of ${ALL} lines are in Loki; there are ${ends}`,
      async () => {
        ends = await lines(`|= \`<${text}> \` |= \`& end\``);
        return ends >= ALL;
      },
      // Loki reads all lines to count these.
      { progress: () => ends, pauseMs: 2_000 },
    );
    const stored = await lines(`|= \`<${text}> \``);
    if (isOnce) expect(stored).toBe(ALL);
    else expect(stored).toBeGreaterThanOrEqual(ALL);
    return lines(`|~ \`^long-${text}-[0-9]+ (<${text}> "a" \\\\b\\t& )+end$\``);
  }

  test.each(['CRI', 'Docker'] as const)('of a backlog in the format of %s', async (format) => {
    await logs.pod.stop();
    write(format, format);
    await logs.pod.start();
    const stored = await whole(format);
    logs.report(`lines of 20 to 240 KiB in a backlog, ${format}`, ALL, stored);
    if (agent.name === 'Fluent Bit') expect(stored).toBe(ALL);
  });

  if (agent.name === 'Fluent Bit') losesParts();

  /** Other agents also keep parts of a line in memory, and lose more in an outage. */
  function losesParts(): void {
    test('but one of each container at most, of which it had read a part when it is stopped in an outage', async () => {
      logs.uplink.cut();
      write('stopped', 'CRI');
      await eventually('the agent is paused', () => logs.isPaused(), { seconds: 120 });
      logs.agent.signal('SIGTERM');
      logs.uplink.restore();
      const stored = await whole('stopped', false);
      logs.report('lines of 20 to 240 KiB, stopped in an outage', ALL, stored);
      expect(stored).toBeGreaterThanOrEqual(ALL - CONTAINERS);
    });
  }
});
