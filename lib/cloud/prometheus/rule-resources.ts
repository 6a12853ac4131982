import { Construct } from 'constructs';
import type { RuleSource } from '../../contracts/rules';
import { Identity } from '../../core/labels';
import { apiObject } from '../../core/objects';
import { dnsLabel, labels } from '../../core/option-rules';
import { Platform } from '../../core/platform';
import { RULE_OPTIONS, type RuleOptions, RuleSet } from '../../core/rule-set';
import { type RuleTable, verifyOptions } from '../../core/structure-rules';

/** What a RuleResources is made of. */
export interface RuleResourcesProps extends RuleOptions {
  /** Beginning of the names of the objects. @default "edge-observability" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** Labels by which the operator selects rules, such as `{ release: 'prometheus' }`. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

const OPTIONS: RuleTable<RuleResourcesProps> = {
  name: dnsLabel,
  namespace: dnsLabel,
  labels,
  ...RULE_OPTIONS,
};

/**
 * Rules as PrometheusRule resources, one for each group, for those who bring their own Prometheus Operator. Its
 * Prometheus must give samples the labels `cluster` and `node`, and `push_time_seconds` the label `pushgateway`,
 * as a Prometheus of this stack does (docs/alerts.md).
 */
export class RuleResources extends Construct {
  private readonly rules: RuleSet;

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RuleResourcesProps = {},
  ) {
    super(scope, id);
    verifyOptions(this, props, OPTIONS);
    this.rules = new RuleSet(this, 'PromQL', { runbooks: props.runbooks, overrides: props.overrides });
    this.node.addValidation({ validate: () => this.rules.unknownOverrides() });
  }

  /**
   * Writes the rules of a source.
   *
   * @throws InvalidOptionError that names the rule and its group, when one is not allowed.
   */
  addRules(source: RuleSource): void {
    const { name = 'edge-observability', namespace, labels: own = {} } = this.props;
    for (const group of this.rules.add(source)) {
      apiObject(this, group.name, {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: {
          name: `${name}-${group.name}`,
          namespace: Platform.of(this).namespaceOf(this, 'cloud', namespace),
          labels: new Identity(name, undefined, own).labels,
        },
        spec: { groups: [group] },
      });
    }
  }
}
