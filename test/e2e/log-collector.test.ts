import { appendFileSync, mkdirSync } from 'node:fs';
import { fluentBit } from '../../lib';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { logAgentState } from '../stacks/log-agent-state';
import { ReferenceStack } from '../stacks/reference-stack';
import { CONTAINERS } from './container-logs';

const WHAT = 'the collector of cloud nodes brings every line through an absence of Loki';
const NOT_GIVEN = ['E2E_LOKI', 'E2E_FLUENT_BIT'].filter((variable) => !process.env[variable]);
const AGENT = fluentBit();

if (NOT_GIVEN.length) test.todo(`${WHAT}: NOT RUN, set ${NOT_GIVEN.join(' and ')}`);
else describe(WHAT, bringsEveryLine);

function bringsEveryLine(): void {
  let stack: ReferenceStack;
  let loki: Pod;
  let collector: Pod;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    loki = await stack.startCloud('loki');
    mkdirSync(stack.node('cloud-1').path('/var/log/pods'), { recursive: true });
    const nodes = [stack.node('cloud-1')];
    const pods = await stack.cluster.start('DaemonSet', 'monitoring-nodes', 'log-collector', nodes);
    [collector] = pods as [Pod];
  });

  afterAll(() => stack?.destroy());

  function write(text: string, lines: number): void {
    for (let container = 0; container < CONTAINERS; container += 1) {
      const folder = stack.node('cloud-1').path(`/var/log/pods/shop_pod-${container}_1c2d/main`);
      mkdirSync(folder, { recursive: true });
      const time = new Date().toISOString();
      const all = Array.from({ length: lines }, (_, line) => `${time} stdout F ${text} ${line}\n`);
      appendFileSync(`${folder}/0.log`, all.join(''));
    }
  }

  const metrics = async () => (await stack.fromCloud(collector, `:12345${AGENT.metrics?.path}`)).body;

  const state = async () => logAgentState(AGENT, await metrics());

  async function stored(text: string): Promise<number> {
    const query = `sum(count_over_time({namespace="shop", side="cloud", node="cloud-1"} |= "${text} " [1h]))`;
    const path = `:3100/loki/api/v1/query?query=${encodeURIComponent(query)}`;
    const { body } = await stack.fromCloud(loki, path);
    return Number(JSON.parse(body).data.result[0]?.value[1] ?? 0);
  }

  test.each([
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ] as const)('in which it is %s', async (how, signal) => {
    await eventually('all lines of before are sent', async () => (await state()).unsent === 0);
    const { lines: before } = await state();
    await loki.stop();
    write(signal, 800);
    await eventually('the collector has read the lines, and tries to send them', async () => {
      const { lines: read, unsent } = await state();
      return read - before >= 800 * CONTAINERS && unsent > 0;
    });
    collector.container('log-collector').signal(signal);
    write(signal, 800);
    await loki.start();
    const lines = 1_600 * CONTAINERS;
    let seen = 0;
    await eventually(
      () => `${lines} lines are in Loki; there are ${seen}`,
      async () => {
        seen = await stored(signal);
        return seen >= lines;
      },
      { progress: () => seen },
    );
    process.stdout.write(`cloud nodes | ${how} while Loki is away | ${lines} | ${seen}\n`);
    expect(seen).toBe(lines);
  });

  test('says of itself what its alerts watch', async () => {
    const body = await metrics();
    expect(body).toContain('fluentbit_input_ingestion_paused{name="tail.0"} 0');
    expect(body).toContain('fluentbit_output_dropped_records_total{name="loki.0"} 0');
  });
}
