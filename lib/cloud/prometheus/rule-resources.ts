import { Construct } from 'constructs';
import type { RuleSource } from '../../contracts/rules';
import { namespaceFor } from '../../core/cloud-rules';
import { Identity } from '../../core/labels';
import { apiObject } from '../../core/objects';
import { dnsLabel, labels } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import { RULE_OPTIONS, type RuleOptions, RuleSet } from '../../core/rule-set';

/** Properties for `RuleResources`. */
export interface RuleResourcesProps extends RuleOptions {
  /** Beginning of the names of the objects. @default "edge-observability" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** Labels by which the operator selects rules, such as `{ release: 'prometheus' }`. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The options of `RuleResources`. */
export const RULE_RESOURCES_OPTIONS = {
  name: { rule: dnsLabel, default: 'edge-observability' },
  namespace: namespaceFor('cloud'),
  labels: { rule: labels, default: {} },
  ...RULE_OPTIONS,
} satisfies OptionTable<RuleResourcesProps>;

/**
 * Rules as PrometheusRule resources, one for each group, for those who bring their own Prometheus Operator. Its
 * Prometheus must give samples the labels `cluster` and `node`, and `push_time_seconds` the label `pushgateway`,
 * as a Prometheus of this stack does (docs/alerts.md).
 */
export class RuleResources extends Construct {
  private readonly rules: RuleSet;
  private readonly options: Options<RuleResourcesProps, typeof RULE_RESOURCES_OPTIONS>;

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: RuleResourcesProps = {}) {
    super(scope, id);
    this.options = optionsOf(this, props, RULE_RESOURCES_OPTIONS);
    const { runbooks, overrides } = this.options;
    this.rules = new RuleSet(this, 'PromQL', { runbooks, overrides });
    this.node.addValidation({ validate: () => this.rules.unknownOverrides() });
  }

  /**
   * Writes the rules of a source.
   *
   * @throws InvalidOptionError that names the rule and its group, when one is not allowed.
   */
  addRules(source: RuleSource): void {
    const { name, namespace, labels: own } = this.options;
    for (const group of this.rules.add(source)) {
      apiObject(this, group.name, {
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
