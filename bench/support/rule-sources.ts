import { environmentRules } from '../../lib';
import type { RuleSource } from '../../lib/contracts/rules';

/** Returns the rules in PromQL of an environment whose nodes push, and write remotely. */
export const environmentRuleSources = (): readonly RuleSource[] =>
  environmentRules({
    exporters: ['pushgateway'],
    gateway: 'metrics-gateway',
    services: ['pushgateway-services'],
    edgeNamespace: 'monitoring-edge',
    certificates: true,
    ingressNamespaces: ['monitoring'],
  }).prometheus;
