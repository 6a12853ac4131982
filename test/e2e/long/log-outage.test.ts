import { setTimeout as sleep } from 'node:timers/promises';
import { toBytes } from '../../../lib/core/units';
import { eventually } from '../../runtime/wait';
import { type AgentUnderTest, LogStack, ofEachAgent } from '../log-stack';

const CONTAINERS = 40;
/** Lines of a container in each second. */
const LINES = 10;
const LINE_BYTES = 136;
const OUTAGE_SECONDS = Number(process.env.E2E_OUTAGE_SECONDS ?? 60);

jest.setTimeout(60 * 60_000);

ofEachAgent(
  'brings each line of 40 containers through a long outage, within its memory',
  (agent: AgentUnderTest) => {
    let logs: LogStack;
    const { memoryLimit = '0Mi' } = agent.agent.resources;

    beforeAll(async () => {
      logs = await LogStack.create(agent);
      logs.files.write('first', 1);
      await logs.arrive('first', 1);
    });

    afterAll(() => logs?.destroy());

    /** Writes the lines of a second of each container, as different as those of requests. */
    function write(second: number): void {
      for (let container = 0; container < CONTAINERS; container += 1) {
        const lines = Array.from({ length: LINES }, (_, line) =>
          `outage ${second} ${line} path=/api/v1/orders/${Math.random()} status=200 duration=${Math.random()}`.padEnd(
            LINE_BYTES,
            '.',
          ),
        );
        logs.files.append(container, lines);
      }
    }

    test(`of ${OUTAGE_SECONDS} seconds`, async () => {
      logs.uplink.cut();
      for (let second = 0; second < OUTAGE_SECONDS; second += 1) {
        write(second);
        await sleep(1_000);
      }
      const waiting = logs.agent.memory.residentPeak;
      logs.uplink.restore();
      const expected = Array<number>(CONTAINERS).fill(OUTAGE_SECONDS * LINES);
      let stored: number[] = [];
      await eventually(
        () => `${expected[0]} lines of each container are in Loki; there are ${stored}`,
        async () => {
          stored = await logs.counts('{namespace="many"} |= "outage "');
          return stored.length === CONTAINERS && stored.every((count) => count >= OUTAGE_SECONDS * LINES);
        },
        // Loki reads all lines to count them.
        { progress: () => stored, pauseMs: 5_000 },
      );
      const { memory, restarts } = logs.agent;
      const sum = stored.reduce((total, count) => total + count, 0);
      logs.report(`an outage of ${OUTAGE_SECONDS} s`, CONTAINERS * OUTAGE_SECONDS * LINES, sum);
      const mebibytes = (size: number) => (size / 2 ** 20).toFixed(1);
      process.stdout.write(
        `${agent.name} | MiB of memory: at the end of the outage, at most, limit | ${mebibytes(waiting)} | ${mebibytes(memory.residentPeak)} | ${memoryLimit}\n`,
      );
      // Others send a batch again whose answer was late.
      if (agent.name === 'Fluent Bit') expect(stored).toEqual(expected);
      expect({ kills: memory.kills, restarts }).toEqual({ kills: 0, restarts: 0 });
      expect(memory.residentPeak).toBeLessThan(toBytes(memoryLimit));
    });
  },
);
