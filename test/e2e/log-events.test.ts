import { eventually } from '../runtime/wait';
import { CONTAINERS } from './container-logs';
import { type AgentUnderTest, EVENTS, FIRST_LINE, LogStack, ofEachAgent } from './log-stack';

const LINES_OF_AN_EVENT = 1_000;

/** A line that ended with a carriage return, one with two bytes that are not UTF-8, an empty one, a carriage return. */
const STORED: Readonly<Record<string, readonly string[]>> = {
  'Fluent Bit': ['crlf line', 'bytes \u00e4 \ue0ff end', '', ''],
  Alloy: ['crlf line', 'bytes \u00e4 \ufffd\ufffd end', '', ''],
  Promtail: ['crlf line\r', 'bytes \u00e4 \ufffd\ufffd end', '', '\r'],
};

// Each wait is bounded by its own polls.
ofEachAgent('keeps events whole', (agent: AgentUnderTest) => {
  let logs: LogStack;

  beforeAll(async () => {
    logs = await LogStack.create(agent);
    for (let container = 0; container < CONTAINERS; container += 1) {
      logs.files.append(container, [`${FIRST_LINE} first`], EVENTS);
    }
    await eventually('events arrive', async () => (await logs.counts(`{namespace="${EVENTS}"}`)).length > 0);
  });

  afterAll(() => logs?.destroy());

  /** The first line, and this number of further lines of the same event. */
  const event = (text: string, from = 0, to = LINES_OF_AN_EVENT): string[] =>
    Array.from({ length: to - from }, (_, index) =>
      index + from === 0 ? `${FIRST_LINE} ${text}` : `  at ${text} ${index + from}`,
    );

  /** Lines of each event, which are one line of Loki's; a query shows 5,000 of those. */
  async function linesOf(text: string): Promise<number[]> {
    const ofContainers = Array.from({ length: CONTAINERS }, (_, container) =>
      logs.stored(`{namespace="${EVENTS}", pod="pod-${container}"} |= "${text}"`, 1),
    );
    return (await Promise.all(ofContainers)).flat().map(({ line }) => line.split('\n').length);
  }

  /** Waits until this number of event lines is in Loki, as long as more arrive, and returns those of each event. */
  async function arrive(text: string, lines: number): Promise<number[]> {
    let seen: number[] = [];
    await eventually(
      () => `${lines} lines of events of ${text} are in Loki; there are ${sum(seen)}`,
      async () => {
        seen = await linesOf(text);
        return sum(seen) >= lines;
      },
      { progress: () => sum(seen) },
    );
    return seen;
  }

  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

  test(`of ${LINES_OF_AN_EVENT} lines, of all containers at once`, async () => {
    for (let container = 0; container < CONTAINERS; container += 1) {
      logs.files.append(container, [...event('whole-a'), ...event('whole-b')], EVENTS);
    }
    const lines = await arrive('whole', 2 * CONTAINERS * LINES_OF_AN_EVENT);
    logs.report(`events of ${LINES_OF_AN_EVENT} lines`, 2 * CONTAINERS * LINES_OF_AN_EVENT, sum(lines));
    expect(lines).toEqual(Array(2 * CONTAINERS).fill(LINES_OF_AN_EVENT));
  });

  test.each([
    ['is stopped', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)('but, at most, what it had read of one that was pending when it %s', async (how, signal) => {
    const text = `pending-${signal}`;
    const [read, rest] = [500, 600];
    for (let container = 0; container < CONTAINERS; container += 1)
      logs.files.append(container, event(`before-${signal}`), EVENTS);
    await arrive(`before-${signal}`, CONTAINERS * LINES_OF_AN_EVENT);
    await logs.writeUntilRead(() => {
      for (let container = 0; container < CONTAINERS; container += 1)
        logs.files.append(container, event(text, 0, read), EVENTS);
    }, CONTAINERS * read);
    logs.agent.signal(signal);
    for (let container = 0; container < CONTAINERS; container += 1) {
      logs.files.append(container, [...event(text, read, rest), ...event(`after-${signal}`)], EVENTS);
    }
    await arrive(`after-${signal}`, CONTAINERS * LINES_OF_AN_EVENT);
    const before = sum(await linesOf(`before-${signal}`));
    // Others save positions every ten seconds, and read lines of before a kill again.
    if (agent.name === 'Fluent Bit') expect(before).toBe(CONTAINERS * LINES_OF_AN_EVENT);
    else expect(before).toBeGreaterThanOrEqual(CONTAINERS * LINES_OF_AN_EVENT);
    const pending = sum(await linesOf(text));
    logs.report(`events that are pending when it ${how}`, CONTAINERS * rest, pending);
    expect(pending).toBeGreaterThanOrEqual(CONTAINERS * (rest - read));
    if (signal === 'SIGTERM' && agent.name === 'Fluent Bit') expect(pending).toBe(CONTAINERS * rest);
  });

  test('and brings carriage returns, bytes that are not UTF-8 and empty lines as docs/logs.md says', async () => {
    const bytes = Buffer.concat([
      Buffer.from('bytes \u00e4 '),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(' end'),
    ]);
    for (let container = 0; container < CONTAINERS; container += 1)
      logs.files.append(container, ['crlf line\r', bytes, '', '\r'], 'odd');
    const expected = (STORED[agent.name] ?? []).flatMap((line) => Array<string>(CONTAINERS).fill(line));
    const stored = async () => (await logs.stored('{namespace="odd"}')).map(({ line }) => line);
    await eventually('all lines are in Loki', async () => (await stored()).length >= expected.length, {
      seconds: 90,
    });
    const lines = await stored();
    logs.report('CRLF, bytes that are not UTF-8, empty lines', expected.length, lines.length);
    expect(lines.sort()).toEqual(expected.sort());
  });
});
