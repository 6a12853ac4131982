import { CloudChart, EdgeChart, type Environment, proxy, type Settings, traefikMetrics } from '../../lib';

const settings: Settings = {
  cluster: 'fleet',
  hosts: { metrics: 'push.fleet.example.com', logs: 'logs.fleet.example.com' },
  retention: { metrics: '30d', outOfOrderWindow: '1d' },
  ingress: {
    controller: proxy({ namespace: 'traefik', className: 'traefik' }),
    certificateMetrics: [traefikMetrics()],
  },
  nodeCidrs: ['10.0.0.0/16'],
  longestOutage: '1d',
  edge: {
    transport: 'remote-write',
    // Default group, for nodes outside of the groups below.
    group: 'plants',
    // Business services push to the agent of their node, which queues samples while the link is down.
    agent: { pushes: {} },
    fleet: { nodes: 200, logs: '50Mi', uplinkBudget: '100Mi' },
    groups: [
      // Group of nodes on metered 4G links.
      {
        name: 'vehicles',
        interval: '30s',
        profile: 'lean',
        fleet: { nodes: 200, logs: '10Mi', uplinkBudget: '20Mi' },
      },
      // Group of nodes with a read-only image. Their data is on a separate volume.
      {
        name: 'kiosks',
        interval: '1m',
        fleet: { nodes: 100, logs: '20Mi', uplinkBudget: '50Mi' },
        device: { readOnlyMounts: ['/'] },
      },
    ],
  },
};

/** A large fleet with groups of nodes that use remote write. One group is on metered links. */
export const fleet: Environment = (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
};
