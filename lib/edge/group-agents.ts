import type { Construct } from 'constructs';
import type { ExporterSink } from '../contracts/metrics-sink';
import { type ComponentOptions, edgeComponents } from './components';
import type { AgentPlace, EdgeSide, GroupNodes } from './edge-component';
import { EdgeMetricsAgent } from './metrics-agent';

/** The nodes of a group, with the group's name. */
interface NamedNodes extends GroupNodes {
  readonly name?: string;
}

/** Creates the agents of a node group, one component after the other; each may use those before it. */
export class GroupAgents implements EdgeSide<ComponentOptions> {
  private readonly agents: Construct[] = [];

  constructor(
    scope: Construct,
    private readonly nodes: NamedNodes,
    readonly options: ComponentOptions,
  ) {
    for (const component of edgeComponents) this.agents.push(...(component.makeAgents?.(scope, this) ?? []));
  }

  /**
   * The group's sink or, for remote write, the agent that sends to it.
   * @throws Error when the agent's component comes later in the list.
   */
  get sink(): ExporterSink {
    const { metrics } = this.options;
    if (metrics.protocol === 'pushgateway') return metrics;
    const agent = this.agents.find((one) => one instanceof EdgeMetricsAgent);
    if (!agent)
      throw new Error('there is no EdgeMetricsAgent yet: list its component before those that need it');
    return agent;
  }

  agentPlace(family: string): AgentPlace {
    const { name, ...nodes } = this.nodes;
    return { ...nodes, name: name ? `${family}-${name}` : family, family };
  }
}
