import type { Construct } from 'constructs';
import type { ExporterSink } from '../contracts/metrics-sink';
import { type ComponentOptions, edgeComponents } from './components';
import type { AgentNameAndNodes, EdgeGroupContext, GroupNodes } from './edge-component';
import { EdgeMetricsAgent } from './metrics-agent';

/** Options that select the nodes of a group, and the group's name. */
interface NamedGroupNodes extends GroupNodes {
  readonly name?: string;
}

/**
 * Creates the agents of a node group, in the order of the components. A component can use the agents of the components
 * that come earlier in this order.
 */
export class GroupAgents implements EdgeGroupContext<ComponentOptions> {
  private readonly agents: Construct[] = [];

  constructor(
    scope: Construct,
    private readonly nodes: NamedGroupNodes,
    readonly options: ComponentOptions,
  ) {
    for (const component of edgeComponents)
      this.agents.push(...(component.createAgents?.(scope, this) ?? []));
  }

  /**
   * Destination of the exporters: the Pushgateway of the group or, for remote write, the metrics agent of the group.
   * @throws Error when the metrics agent has not been created yet, because its component is later in `edgeComponents`.
   */
  get sink(): ExporterSink {
    const { metrics } = this.options;
    if (metrics.protocol === 'pushgateway') return metrics;
    const agent = this.agents.find((one) => one instanceof EdgeMetricsAgent);
    if (!agent)
      throw new Error(
        'EdgeMetricsAgent has not been created yet: in edgeComponents, list the component of EdgeMetricsAgent before the components that use an EdgeMetricsAgent',
      );
    return agent;
  }

  agentNameAndNodes(family: string): AgentNameAndNodes {
    const { name, ...nodes } = this.nodes;
    return { ...nodes, name: name ? `${family}-${name}` : family, family };
  }
}
