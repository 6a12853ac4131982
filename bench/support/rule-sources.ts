import { environmentRules } from '../../lib';
import type { RuleSource } from '../../lib/contracts/rules';

/** Returns the PromQL rules of an environment in which some nodes push and others use remote write. */
export const environmentRuleSources = (): readonly RuleSource[] =>
  environmentRules({
    exporters: ['pushgateway'],
    gateway: 'metrics-gateway',
    services: ['pushgateway-services'],
    edgeNamespace: 'monitoring-edge',
    certificates: true,
    ingressNamespaces: ['monitoring'],
  }).prometheus;
