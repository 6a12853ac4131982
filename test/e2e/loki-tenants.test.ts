import { RELOADER } from '../../lib/agents/config-reloader';
import { edgeLogRulesForLoki } from '../../lib/edge/log-collector/rules';
import { Cluster } from '../runtime/cluster';
import { eventually } from '../runtime/wait';
import { type LokiClient, startLoki, stream } from '../stacks/loki-client';
import { container, createLoki, DAY, HOUR, withLoki } from '../stacks/loki-objects';
import { findAlertExpression } from '../support/expression-of';
import { synthesizeChart } from '../support/synthesize';

const GROUPS = ['north', 'south'];

withLoki('a Loki with groups as tenants', keepsGroupsApart);

function keepsGroupsApart(): void {
  const cluster = new Cluster();
  let loki: LokiClient;
  let grafana: LokiClient;

  beforeAll(async () => {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    const limits = { north: { streams: 20 } };
    let readers: string | undefined;
    const objects = synthesizeChart((chart) => {
      const stack = createLoki(chart, { limits: { lineSize: '1Ki' }, multiTenancy: { limits } }, GROUPS);
      readers = stack.dataSource.secureJsonData?.httpHeaderValue1;
    });
    cluster.apply(...objects);
    [loki] = (await startLoki(cluster, cloud.namespace)) as [LokiClient];
    grafana = loki.as(readers);
  });

  afterAll(() => cluster.destroy());

  test('stores lines with the labels that they came with, and no others', async () => {
    const labels = container('labels');
    expect((await loki.as('south').push(stream(labels, 'hello'))).status).toBe(204);
    const [line] = await loki.as('south').lines('{node="labels"}');
    const { detected_level: _, ...kept } = line?.labels ?? {};
    expect(kept).toEqual(labels);
  });

  test.each([
    ['half an hour', HOUR / 2],
    ['three hours', 3 * HOUR + 60],
    ['a day', DAY],
    ['a week', 7 * DAY],
  ])('shows lines that come %s late at once', async (_, age) => {
    const node = `late-${age}`;
    const pushed = await loki.as('south').push(stream(container(node), 'late', { age, lines: 100 }));
    expect(pushed.status).toBe(204);
    expect(await loki.as('south').lines(`{node="${node}"}`)).toHaveLength(100);
  });

  test('refuses what is too old, says so, and stores the rest of the push', async () => {
    const labels = container('old');
    const { status, body } = await loki
      .as('south')
      .push(stream(labels, 'old', { age: 8.1 * DAY }), stream(labels, 'fresh'));
    expect(status).toBe(400);
    expect(body).toContain('timestamp too old');
    expect((await loki.as('south').lines('{node="old"}')).map(({ line }) => line)).toEqual(['fresh 0']);
  });

  test('cuts lines that are too long', async () => {
    await loki.as('south').push(stream(container('long'), 'x'.repeat(3_000)));
    expect((await loki.as('south').lines('{node="long"}'))[0]?.line).toHaveLength(1_024);
  });

  test('has Grafana show the lines of all tenants, and of the one of before', async () => {
    for (const tenant of ['cloud', 'north', 'south', 'fake']) {
      await loki.as(tenant).push(stream({ seen: 'by-grafana', from: tenant }, 'hello'));
    }
    const lines = await grafana.lines('{seen="by-grafana"} |= "hello"');
    expect(lines.map(({ labels }) => labels.from).sort()).toEqual(['cloud', 'fake', 'north', 'south']);
  });

  test('lets one group make too many streams, and takes those of another', async () => {
    const north = loki.as('north');
    expect((await north.push(stream(container('n-1'), 'before'))).status).toBe(204);
    const many = Array.from({ length: 100 }, (_, index) => stream(container('n-1', `app-${index}`), 'many'));
    const { status, body } = await north.push(...many);
    expect(status).toBe(429);
    expect(body).toContain('maximum active stream limit exceeded');
    const others = Array.from({ length: 100 }, (_, index) => stream(container('s-1', `app-${index}`), 'x'));
    expect((await loki.as('south').push(...others)).status).toBe(204);
    expect((await north.push(stream(container('n-1'), 'after'))).status).toBe(204);
  });

  test('evaluates the rules of each tenant', async () => {
    for (const tenant of ['cloud', 'north', 'south']) {
      await eventually(`the ruler has the rules of ${tenant}`, async () =>
        (await loki.as(tenant).ask('/prometheus/api/v1/rules')).body.includes('EdgeLogsMissing'),
      );
    }
  });

  test('tells of 700 silent nodes at once, and shows them all', async () => {
    const nodes = Array.from({ length: 700 }, (_, index) => container(`silent-${index}`, RELOADER));
    for (const age of [4, 20]) {
      const pushed = await loki
        .as('south')
        .push(...nodes.map((one) => stream(one, 'x', { age: age * HOUR })));
      expect(pushed.status).toBe(204);
    }
    const missing = findAlertExpression(edgeLogRulesForLoki(), 'EdgeLogsMissing').replaceAll(
      'node=~".+"',
      'node=~"silent-.+"',
    );
    expect(await loki.as('south').series(missing)).toHaveLength(700);
    const panel = 'sum by (node) (count_over_time({node=~"silent-.+"}[5m]))';
    expect(await grafana.panel(panel, 6)).toHaveLength(700);
  });

  test('a node that sends again is no longer missing', async () => {
    await loki.as('south').push(stream(container('silent-7', RELOADER), 'back', { age: 60 }));
    const missing = findAlertExpression(edgeLogRulesForLoki(), 'EdgeLogsMissing').replaceAll(
      'node=~".+"',
      'node=~"silent-[78]"',
    );
    const nodes = (await loki.as('south').series(missing)).map(({ metric }) => metric.node);
    expect(nodes).toEqual(['silent-8']);
  });
}
