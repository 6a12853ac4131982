import { alloy } from '../agents/alloy';
import { fluentBit } from '../agents/fluent-bit';
import type { LogAgent } from '../agents/log-agent';
import type { k8s } from '../core/k8s';
import { ARCHITECTURE_LABEL, DOCKER_DRIVER_LABEL, type NodeRequirements } from '../core/placement';
import type { EdgeLogCollectorProps } from './edge-log-collector-options';

/** An agent, and the nodes that it is for: those that meet all of one of the alternatives. */
export interface Placement {
  readonly agent: LogAgent;
  readonly alternatives: readonly NodeRequirements[];
}

/** Which agent runs where: off the nodes whose Docker sends by itself, and only on what its image runs on. */
export function placements({ agent, smallNodes = {} }: EdgeLogCollectorProps): Placement[] {
  if (agent) return [placed(agent, [[ofArchitecture(...agent.architectures)]])];
  const [big, little] = [alloy(), fluentBit()];
  const fitsBig = ofArchitecture(...big.architectures);
  const small = Object.entries(smallNodes);
  if (!small.length) return [placed(big, [[fitsBig]]), placed(little, [[ofArchitecture('arm')]])];
  return [
    // A node that lacks one of the labels is not small.
    placed(
      big,
      small.map(([key, value]) => [fitsBig, isNot(key, value)]),
    ),
    placed(little, [[ofArchitecture('arm')], [fitsBig, ...small.map(([key, value]) => is(key, value))]]),
  ];
}

function placed(agent: LogAgent, alternatives: readonly NodeRequirements[]): Placement {
  const tailed = Object.entries(DOCKER_DRIVER_LABEL).map(([key, value]) => isNot(key, value));
  return { agent, alternatives: alternatives.map((requirements) => [...tailed, ...requirements]) };
}

const is = (key: string, ...values: string[]): k8s.NodeSelectorRequirement => ({
  key,
  operator: 'In',
  values,
});
const isNot = (key: string, value: string): k8s.NodeSelectorRequirement => ({
  key,
  operator: 'NotIn',
  values: [value],
});
const ofArchitecture = (...names: string[]) => is(ARCHITECTURE_LABEL, ...names);
