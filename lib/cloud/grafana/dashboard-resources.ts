import { Construct } from 'constructs';
import type { DashboardSource } from '../../contracts/dashboards';
import { namespaceOptionEntry } from '../../core/cloud-rules';
import { ConfigFiles } from '../../core/config-files';
import { type DashboardOptions, renderDashboardJson } from '../../core/dashboard-model';
import { dashboards, uid } from '../../core/dashboard-rules';
import { Identity } from '../../core/labels';
import { dnsLabel, labels } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { runbooksAddress } from '../../core/rule-rules';
import { optionError, validateOptions } from '../../core/validation';

/** Properties for `DashboardResources`. */
export interface DashboardResourcesProps extends DashboardOptions {
  /** Prefix of each ConfigMap's name, before the uid of the dashboard. @default "edge-observability" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Labels of the ConfigMaps. Grafana's sidecar finds the ConfigMaps by these labels.
   * @default - `{ grafana_dashboard: '1' }`
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Validation rule and default of each option of `DashboardResources`. */
export const DASHBOARD_RESOURCES_OPTIONS = {
  name: { rule: dnsLabel, default: 'edge-observability' },
  namespace: namespaceOptionEntry('cloud'),
  labels: { rule: labels, default: { grafana_dashboard: '1' } },
  metrics: { rule: uid, default: 'prometheus' },
  logs: { rule: uid, default: 'loki' },
  runbooks: { rule: runbooksAddress, default: undefined },
} satisfies OptionTable<DashboardResourcesProps>;

/**
 * ConfigMaps with dashboards for an existing Grafana. Grafana's sidecar loads all ConfigMaps that have
 * certain labels.
 */
export class DashboardResources extends Construct {
  private readonly options: Options<DashboardResourcesProps, typeof DASHBOARD_RESOURCES_OPTIONS>;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: DashboardResourcesProps = {}) {
    super(scope, id);
    this.options = validateAndApplyDefaults(this, props, DASHBOARD_RESOURCES_OPTIONS);
  }

  /**
   * Adds a ConfigMap for each dashboard of a source.
   * @throws InvalidOptionError when a dashboard is invalid, or its uid is a duplicate.
   */
  addDashboards(source: DashboardSource): void {
    validateOptions(this, { dashboards: [source?.dashboards ?? null, dashboards] });
    const { name, namespace, labels: own, metrics, logs, runbooks } = this.options;
    for (const dashboard of source.dashboards) {
      if (this.node.tryFindChild(dashboard.uid)) {
        throw optionError(
          this,
          `two dashboards have the uid ${JSON.stringify(dashboard.uid)}: change the uid of one of them`,
        );
      }
      new ConfigFiles(this, dashboard.uid, {
        name: `${name}-${dashboard.uid}`,
        namespace,
        identity: new Identity(name, undefined, own),
        files: () => ({
          [`${dashboard.uid}.json`]: renderDashboardJson(dashboard, { metrics, logs, runbooks }),
        }),
      });
    }
  }
}
