import { alloy, environmentDashboards, environmentRules, fluentBit, type LogAgent, promtail } from '../../lib';
import { withoutVariables } from '../support/dashboards';
import { metricsOf } from '../support/promql';

const { prometheus } = environmentRules({
  gateway: 'metrics-gateway',
  nodes: [{ transport: 'remote-write' }],
  edgeNamespace: 'monitoring-edge',
  ingressNamespaces: ['monitoring'],
});

/** The metrics that alerts and figures of a name read. */
const readBy = (name: string): string[] =>
  prometheus
    .flatMap(({ ruleGroups }) => ruleGroups.flatMap(({ rules }) => [...rules]))
    .filter((rule) => name === ('alert' in rule ? rule.alert : rule.record))
    .flatMap(({ expr }) => metricsOf(expr));

/** The metrics that panels of a title read. */
const shownBy = (title: string): string[] =>
  environmentDashboards()
    .flatMap(({ dashboards }) => dashboards.flatMap(({ rows }) => rows.flatMap(({ panels }) => [...panels])))
    .filter((panel) => panel.title === title)
    .flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsOf(withoutVariables(expr))));

const backlogOf = (agent: LogAgent): string[] => Object.values(agent.metrics?.backlog ?? {});

describe.each([fluentBit(), alloy(), promtail()])('$name', (agent) => {
  test('has alerts about what waits and what is lost, at the edge and in the cloud', () => {
    expect(readBy('EdgeLogCollectorBehind')).toEqual(expect.arrayContaining(backlogOf(agent)));
    for (const alert of ['EdgeLogLinesDropped', 'LogCollectorLinesDropped'])
      expect(readBy(alert)).toContain(agent.metrics?.dropped);
  });

  test('is on the panel of what collectors have still to read', () => {
    expect(backlogOf(agent).length).toBeGreaterThan(0);
    expect(shownBy('Still to read')).toEqual(expect.arrayContaining(backlogOf(agent)));
  });
});
