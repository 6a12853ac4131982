import { defaultLogAgent, unsupportedAtEdge, unsupportedOptions } from '../agents/log-agents';
import type { Transport } from '../contracts/metrics-sink';
import type { EdgeLogSettings } from '../edge/log-collector';
import type { EdgeGroupSettings, EdgeSettings } from './edge-settings';
import type { Settings } from './settings';

/**
 * Returns an error for each setting that has no effect because of another setting.
 * @param byDefault the transport of nodes whose settings have none
 */
export function withoutEffect(settings: Settings, byDefault: Transport): readonly string[] {
  const { edge = {}, metricsGateway, pushgateways } = settings;
  const { transport = byDefault, groups = [] } = edge;
  const used = new Set([transport, ...groups.map((group) => group.transport ?? transport)]);
  return [
    ...unread('settings.metricsGateway', metricsGateway, used, 'remote-write'),
    ...unread('settings.pushgateways.exporters', pushgateways?.exporters, used, 'pushgateway'),
    ...unread('settings.edge.agent', edge.agent, used, 'remote-write'),
    ...unpaced('settings.edge', edge, transport),
    ...groups.flatMap((group, index) => ofGroup(group, `settings.edge.groups[${index}]`, transport)),
    ...unsupportedByAgent(edge.logs, 'settings.edge.logs.'),
    ...unreadByStore(settings),
  ];
}

/** Settings of a Prometheus of this stack, where samples are kept elsewhere. */
function unreadByStore(settings: Settings): readonly string[] {
  return Object.entries(settings.metricsStore?.unread ?? {}).flatMap(([path, remedy]) => {
    const given = path.split('.').reduce((held: unknown, part) => Reflect.get(Object(held), part), settings);
    if (given === undefined) return [];
    return [`settings.${path} has no effect with this metricsStore; allowed: leave it out: ${remedy}`];
  });
}

function unread(
  path: string,
  given: unknown,
  used: ReadonlySet<Transport>,
  needed: Transport,
): readonly string[] {
  if (given === undefined || used.has(needed)) return [];
  return [
    `${path} has no effect, since no nodes have the transport "${needed}"; allowed: settings.edge.transport "${needed}", or leave it out`,
  ];
}

function ofGroup(group: EdgeGroupSettings, path: string, others: Transport): readonly string[] {
  const { transport = others, agent, logs } = group;
  const isUnread = agent !== undefined && transport !== 'remote-write';
  return [
    ...(isUnread
      ? [
          `${path}.agent has no effect under the transport "${transport}"; allowed: transport "remote-write" in ${path} or in settings.edge, or leave it out`,
        ]
      : []),
    ...unpaced(path, group, transport),
    ...unsupportedByAgent(logs, `${path}.logs.`),
  ];
}

/**
 * Returns an error for freshness without remote write: only agents send batches, and pushed metrics are as
 * fresh as the interval.
 */
function unpaced(
  path: string,
  { freshness }: Pick<EdgeSettings, 'freshness'>,
  transport: Transport,
): readonly string[] {
  if (freshness === undefined || transport === 'remote-write') return [];
  return [
    `${path}.freshness has no effect under the transport "${transport}"; allowed: transport "remote-write", or leave it out`,
  ];
}

function unsupportedByAgent(logs: EdgeLogSettings = {}, path: string): readonly string[] {
  const agent = logs.agent ?? defaultLogAgent();
  return [...unsupportedAtEdge(agent, path), ...unsupportedOptions(agent, logs, path)];
}
