import { Construct } from 'constructs';
import type { RuleSource } from '../../contracts/rules';
import { namespaceOptionEntry } from '../../core/cloud-rules';
import { Identity } from '../../core/labels';
import { createApiObject } from '../../core/objects';
import { dnsLabel, labels } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { RULE_OPTIONS, type RuleOptions, RuleSet } from '../../core/rule-set';

/** Properties for `RuleResources`. */
export interface RuleResourcesProps extends RuleOptions {
  /** Prefix of the names of the PrometheusRules. @default "edge-observability" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Labels of the PrometheusRules, by which a Prometheus Operator selects them, such as `{ release:
   * 'prometheus' }`.
   * @default - no additional labels
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Validation rule and default of each option of `RuleResources`. */
export const RULE_RESOURCES_OPTIONS = {
  name: { rule: dnsLabel, default: 'edge-observability' },
  namespace: namespaceOptionEntry('cloud'),
  labels: { rule: labels, default: {} },
  ...RULE_OPTIONS,
} satisfies OptionTable<RuleResourcesProps>;

/**
 * PrometheusRules for an existing Prometheus Operator, one for each rule group. The operator's Prometheus
 * must set the labels `cluster` and `node` on all samples, and the label `pushgateway` on the metric
 * `push_time_seconds`. The Prometheus of this stack sets the same labels (docs/alerts.md).
 */
export class RuleResources extends Construct {
  private readonly rules: RuleSet;
  private readonly options: Options<RuleResourcesProps, typeof RULE_RESOURCES_OPTIONS>;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: RuleResourcesProps = {}) {
    super(scope, id);
    this.options = validateAndApplyDefaults(this, props, RULE_RESOURCES_OPTIONS);
    const { runbooks, overrides } = this.options;
    this.rules = new RuleSet(this, 'PromQL', { runbooks, overrides });
    this.node.addValidation({ validate: () => this.rules.problemsOfOverridesOfUnknownAlerts() });
  }

  /**
   * Adds a PrometheusRule for each rule group of a component.
   * @throws InvalidOptionError when a rule is invalid; the message contains the rule and its group.
   */
  addRules(source: RuleSource): void {
    const { name, namespace, labels: own } = this.options;
    for (const group of this.rules.addRules(source)) {
      createApiObject(this, group.name, {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: {
          name: `${name}-${group.name}`,
          namespace,
          labels: new Identity(name, undefined, own).labels,
        },
        spec: { groups: [group] },
      });
    }
  }
}
