import { firstScrapeJobNameOfComponent, type RuledTargets } from '../../core/component';
import { mergeOptionsPreferringFirst } from '../../core/option-table';
import { type Duration, toSeconds } from '../../core/units';
import type { CloudComponent } from '../cloud-component';
import type { LokiLimits } from './limits';
import { LokiStack } from './loki-stack';
import { LOKI_OPTIONS, type LokiStackProps } from './options';
import { alertRulesAboutLoki, LOKI_THRESHOLDS, type LokiThresholds } from './rules';
import {
  LOKI_HOST,
  LOKI_RETENTION,
  LOKI_SECRETS,
  LOKI_SETTINGS,
  LOKI_STORAGE,
  type LokiEnvironment,
} from './settings';
import { type LokiPlan, type LokiSizes, lokiSizing } from './sizing';
import type { MultiTenancy } from './tenants';

/**
 * The component `loki` of an environment: a `LokiStack` with a public host. By default, each group of edge nodes is a
 * tenant.
 */
export const lokiComponent = {
  sizing: lokiSizing,
  settings: {
    own: LOKI_SETTINGS,
    hosts: LOKI_HOST,
    retention: LOKI_RETENTION,
    storage: LOKI_STORAGE,
    secrets: LOKI_SECRETS,
  },
  thresholds: LOKI_THRESHOLDS,
  rules: (environment, limits) => [
    alertRulesAboutLoki(limits, { job: firstScrapeJobNameOfComponent('loki', environment) }),
  ],
  settingsProblems: ({ settings }) => logLineAgeProblems(settings),
  make: (scope, { settings, ruleOptions, ingress }, sizes) => [
    new LokiStack(scope, 'loki', {
      ...lokiPropsFromSettings(settings, sizes.loki),
      rules: ruleOptions.loki,
      ingress: ingress('logs', settings.hosts.logs, {
        rateLimit: settings.ingress?.rateLimit,
        groups: settings.ingress?.groups,
        authentication: settings.ingress?.authentication,
        usersSecretName: settings.secrets?.logsUsers,
        credentialsSecretName: settings.secrets?.logsCredentials,
      }),
    }),
  ],
} satisfies CloudComponent<LokiThresholds, RuledTargets, LokiPlan, LokiSizes, LokiEnvironment>;

/**
 * Returns the properties of the `LokiStack`, without ingress and rule options. Settings take precedence over computed
 * sizes.
 * @param sizes sizes computed for the fleet; undefined if the setting `edge.fleet` is not set
 */
function lokiPropsFromSettings(settings: LokiEnvironment, sizes: LokiSizes['loki']): LokiStackProps {
  const { loki, retention, storage, longestOutage } = settings;
  return {
    ...mergeOptionsPreferringFirst<LokiStackProps>(
      loki,
      {
        retention: retention?.logs,
        storage: storage?.loki,
        maxLineAge: maxLineAgeForLongestOutage(longestOutage),
      },
      sizes && { storage: sizes.storage, resources: sizes.resources },
    ),
    limits: mergeOptionsPreferringFirst<LokiLimits>(loki?.limits, sizes?.limits),
    multiTenancy: multiTenancyFromSettings(settings, sizes),
  };
}

/**
 * Returns an error message if log lines would be too old for Loki after the longest outage. Returns an empty list if
 * `longestOutage` or `loki.maxLineAge` is not set.
 */
function logLineAgeProblems({
  longestOutage,
  loki: { maxLineAge } = {},
}: LokiEnvironment): readonly string[] {
  if (!longestOutage || !maxLineAge || toSeconds(longestOutage) <= toSeconds(maxLineAge)) return [];
  return [
    `settings.longestOutage is ${longestOutage}, but Loki rejects log lines older than settings.loki.maxLineAge (${maxLineAge}): increase settings.loki.maxLineAge to at least settings.longestOutage`,
  ];
}

/**
 * Returns the value of `maxLineAge` for an environment with long outages: the longest outage. Returns undefined if the
 * default of `maxLineAge` is sufficient for the longest outage, or if no longest outage is set.
 */
const maxLineAgeForLongestOutage = (longestOutage: Duration | undefined): Duration | undefined =>
  longestOutage && toSeconds(longestOutage) > toSeconds(LOKI_OPTIONS.maxLineAge.default)
    ? longestOutage
    : undefined;

/**
 * Returns the tenant options. Each group in `settings.ingress.groups` gets the limits that were computed for its nodes.
 * Limits in the settings override computed limits.
 */
function multiTenancyFromSettings(
  { ingress, loki }: LokiEnvironment,
  sizes: LokiSizes['loki'],
): MultiTenancy {
  const stated = loki?.multiTenancy?.limits;
  const groups = Object.entries(sizes?.limitsByGroup ?? {}).filter(([group]) =>
    ingress?.groups?.includes(group),
  );
  const byFleet = groups.map(([group, limits]) => [
    group,
    mergeOptionsPreferringFirst<LokiLimits>(stated?.[group], limits),
  ]);
  return { ...loki?.multiTenancy, limits: { ...stated, ...Object.fromEntries(byFleet) } };
}
