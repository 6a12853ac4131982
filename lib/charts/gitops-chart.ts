import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { dnsLabel } from '../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { formatValue, optionError, type Rule } from '../core/validation';
import { ArgoCdApplications } from '../gitops/argo-cd-applications';
import { settingsOption, validateSettings } from './check-settings';
import type { Settings } from './settings';

/** Properties for `GitOpsChart`. */
export interface GitOpsChartProps {
  /** Settings of the environment, which must contain `gitOps`. */
  readonly settings: Settings;
  /** The charts of the environment. During the first rollout, Argo CD applies the charts in this order. */
  readonly charts: readonly Chart[];
}

const listOfCharts: Rule = {
  allowed: 'a list of charts',
  accepts: (value) => Array.isArray(value) && value.every(Chart.isChart),
};

/** Validation rules of the options of `GitOpsChart`. */
export const GIT_OPS_CHART_OPTIONS = {
  settings: settingsOption,
  charts: { rule: listOfCharts },
} satisfies OptionTable<GitOpsChartProps>;

/**
 * Chart with the Argo CD objects of an environment. Apply these objects to Argo CD's cluster once, and again after
 * each change of the objects.
 */
export class GitOpsChart extends Chart {
  /** The Argo CD Applications. Add your own charts with `addChart`. */
  readonly applications: ArgoCdApplications;

  /** @throws InvalidOptionError when a setting is invalid, or `gitOps` is missing. */
  constructor(scope: Construct, id: string, props: GitOpsChartProps) {
    super(scope, id);
    const { settings, charts } = validateAndApplyDefaults(this, props, GIT_OPS_CHART_OPTIONS);
    validateSettings(this, settings);
    if (!settings.gitOps) {
      throw optionError(
        this,
        'settings.gitOps is missing: set it, for example to { repository: "https://...", path: "dist/..." }',
      );
    }
    const { name = this.defaultProjectNameOrThrow(settings.cluster), ...gitOps } = settings.gitOps;
    this.applications = new ArgoCdApplications(this, 'applications', { ...gitOps, name });
    for (const chart of charts) this.applications.addChart(chart);
  }

  private defaultProjectNameOrThrow(cluster: string): string {
    const name = `observability-${cluster}`;
    if (dnsLabel.accepts(name)) return name;
    throw optionError(
      this,
      `settings.gitOps.name is missing, and the default name ${formatValue(name)} is invalid; allowed: ${dnsLabel.allowed}`,
    );
  }
}
