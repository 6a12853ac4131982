import type { Construct } from 'constructs';
import { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { CloudSide, HostOptions } from '../cloud/cloud-component';
import { LokiStack } from '../cloud/loki';
import type { Transport } from '../contracts/metrics-sink';
import type { MetricsStore } from '../contracts/metrics-store';
import type { NodeAdmissionServer } from '../contracts/node-admission';
import type { ScrapeTarget } from '../contracts/scrape-target';
import { components, type Sizes } from './components';
import { splitAlertOptionsForPrometheusAndLoki } from './environment-rules';
import { nodeGroupsWithInheritedSettings } from './node-groups';
import type { Settings } from './settings';
import { hasPushgatewayForServices, transportsInUse } from './transports';

/**
 * Creates the components on the cloud side of an environment, in the order of the list `components`. A component
 * can use the components that are created before it.
 */
export class CloudEnvironment implements CloudSide<Settings> {
  readonly transports: readonly Transport[];
  readonly hasPushgatewayForServices: boolean;
  readonly nodeLabels: readonly string[];
  readonly ruleOptions: CloudSide['ruleOptions'];
  private push?: BasicAuthIngress;
  private readonly parts: ScrapeTarget[] = [];

  constructor(
    private readonly scope: Construct,
    readonly settings: Settings,
    private readonly sizes: Sizes,
  ) {
    this.transports = transportsInUse(settings);
    this.hasPushgatewayForServices = hasPushgatewayForServices(settings);
    this.nodeLabels = nodeGroupsWithInheritedSettings(settings.edge).flatMap(({ nodeSelector = {} }) =>
      Object.keys(nodeSelector),
    );
    this.ruleOptions = splitAlertOptionsForPrometheusAndLoki(settings.alerts);
  }

  get pushIngress(): BasicAuthIngress {
    const { hosts, ingress, secrets } = this.settings;
    this.push ??= this.ingress('push', hosts.metrics, {
      rateLimit: ingress?.rateLimit,
      groups: ingress?.groups,
      authentication: ingress?.authentication,
      usersSecretName: secrets?.pushUsers,
      credentialsSecretName: secrets?.pushCredentials,
    });
    return this.push;
  }

  get metricsStore(): MetricsStore & ScrapeTarget {
    return this.requireMatchingConstruct(isMetricsStoreConstruct, 'the metrics store');
  }

  get loki(): LokiStack {
    return this.requireConstructOfType(LokiStack);
  }

  get nodeAdmission(): NodeAdmissionServer | undefined {
    return this.parts.find(isConstructWithNodeAdmission);
  }

  ingress = (name: string, host: string, options: HostOptions): BasicAuthIngress => {
    const { controller, tls } = this.settings.ingress ?? {};
    const nodeAdmission = options.authentication && this.nodeAdmission;
    const props = { ...options, name, host, controller, tls, nodeAdmission };
    return new BasicAuthIngress(this.scope, `${name}-ingress`, props);
  };

  /** Creates all components in the order of the list `components`, and returns their constructs. */
  createComponents(): readonly ScrapeTarget[] {
    for (const component of components) {
      this.parts.push(...(component.make?.(this.scope, this, this.sizes) ?? []));
    }
    return this.parts;
  }

  /**
   * Returns the first construct of a class.
   * @throws Error when the construct does not exist yet: its component is not in the list `components`, or comes
   * later in the list.
   */
  requireConstructOfType<T extends object>(type: abstract new (...args: never[]) => T): ScrapeTarget & T {
    return this.requireMatchingConstruct((part): part is ScrapeTarget & T => part instanceof type, type.name);
  }

  private requireMatchingConstruct<T extends ScrapeTarget>(
    is: (part: ScrapeTarget) => part is T,
    name: string,
  ): T {
    const found = this.parts.find(is);
    if (!found)
      throw new Error(
        `${name} does not exist yet: move its component in lib/charts/components.ts before the components that use it`,
      );
    return found;
  }
}

const isMetricsStoreConstruct = (part: ScrapeTarget): part is MetricsStore & ScrapeTarget =>
  'writeUrls' in part && 'addRules' in part;

const isConstructWithNodeAdmission = (part: ScrapeTarget): part is NodeAdmissionServer & ScrapeTarget =>
  'admissionAddress' in part;
