import { Chart, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { GatewaySpec, GatewaySpecListeners } from '../../imports/gateway.networking.k8s.io';
import { Identity } from '../core/labels';
import { createApiObject } from '../core/objects';
import { formatValue, optionError } from '../core/validation';
import { type IngressSite, issuerAnnotation, type Tls } from './ingress-controller';

/** API group of Gateways and routes in the Gateway API. */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** API version of Gateways and routes in the Gateway API. */
export const GATEWAY_API = `${GATEWAY_GROUP}/v1`;

/**
 * Maximum number of hosts of a Gateway. A Gateway can have 64 listeners, and one listener is for HTTP-01 challenges.
 */
const MAX_HOSTS = 63;

/** Properties for `SharedGateway`. */
export interface SharedGatewayProps {
  /** Name of the Gateway. */
  readonly name: string;
  /** Namespace of the Gateway. */
  readonly namespace: string;
  /** Name of the GatewayClass. */
  readonly className: string;
  /** Whether the Gateway listens on port 80 for HTTP-01 challenges. */
  readonly httpChallenges: boolean;
  /** Source of the certificates of all hosts of the Gateway. */
  readonly tls: Tls;
}

/** Gateways of each chart, by namespace and name. */
const gatewaysByChart = new WeakMap<Chart, Map<string, SharedGateway>>();

/**
 * A Gateway for all hosts of a chart. All hosts have the same address. Each host is a listener with its own
 * certificate.
 */
export class SharedGateway extends Construct {
  /** Returns the Gateway with this namespace and name in the chart. Creates the Gateway at the first call. */
  static findOrCreate(scope: Construct, props: SharedGatewayProps): SharedGateway {
    const chart = Chart.of(scope);
    const ofChart = gatewaysByChart.get(chart) ?? new Map<string, SharedGateway>();
    gatewaysByChart.set(chart, ofChart);
    const key = `${props.namespace}/${props.name}`;
    const gateway = ofChart.get(key) ?? new SharedGateway(chart, `gateway-${key.replace('/', '-')}`, props);
    ofChart.set(key, gateway);
    return gateway;
  }

  private readonly sites = new Map<string, IngressSite>();

  private constructor(
    scope: Construct,
    id: string,
    private readonly props: SharedGatewayProps,
  ) {
    super(scope, id);
    const { name, namespace, className, tls } = props;
    createApiObject(this, 'Default', {
      apiVersion: GATEWAY_API,
      kind: 'Gateway',
      metadata: {
        name,
        namespace,
        labels: new Identity(name).labels,
        annotations: issuerAnnotation(tls),
      },
      spec: {
        gatewayClassName: className,
        listeners: Lazy.any({ produce: () => this.createGatewayListeners() }),
      } satisfies GatewaySpec,
    });
  }

  /**
   * Adds a listener for a host.
   * @returns the name of the listener. The host's route must reference this name, so that no push reaches the backend
   * over port 80.
   * @throws InvalidOptionError when the host has another issuer than the other hosts (a Gateway has a single
   * issuer), or when the Gateway has the maximum number of hosts.
   */
  addListenerForHost(scope: Construct, site: IngressSite): string {
    const { name, tls } = this.props;
    if (issuerComparisonKey(tls) !== issuerComparisonKey(site.tls)) {
      throw optionError(
        scope,
        `all hosts of the Gateway ${name} must have the same issuer; the option "tls" is ${formatValue(site.tls)} for this host, and ${formatValue(tls)} for another host: set the same issuer for the two hosts, or set gatewayName of envoyGateway to use another Gateway`,
      );
    }
    if (this.sites.size === MAX_HOSTS) {
      throw optionError(
        scope,
        `the Gateway ${name} already has ${MAX_HOSTS} hosts, the maximum for a Gateway: set gatewayName of envoyGateway to use another Gateway for more hosts`,
      );
    }
    const listener = `${site.certificates ? 'tls' : 'https'}-${site.name}`;
    this.sites.set(listener, site);
    return listener;
  }

  private createGatewayListeners(): GatewaySpecListeners[] {
    const hosts = [...this.sites].sort(([one], [other]) => (one < other ? -1 : 1));
    const { httpChallenges, tls } = this.props;
    return [
      ...(httpChallenges && !('secretName' in tls) ? [CHALLENGE_LISTENER] : []),
      ...hosts.map(([name, site]) =>
        (site.certificates ? tlsPassthroughListener : httpsListener)(name, site),
      ),
    ];
  }
}

const FROM_SAME_NAMESPACE = { namespaces: { from: 'Same' } };

/**
 * Listener for HTTP-01 challenges. cert-manager attaches a route to the listener during a challenge. The listener
 * has no other routes.
 */
const CHALLENGE_LISTENER: GatewaySpecListeners = {
  name: 'http',
  protocol: 'HTTP',
  port: 80,
  allowedRoutes: FROM_SAME_NAMESPACE,
};

const httpsListener = (name: string, { host, tlsSecretName }: IngressSite): GatewaySpecListeners => ({
  name,
  protocol: 'HTTPS',
  port: 443,
  hostname: host,
  tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: tlsSecretName }] },
  allowedRoutes: FROM_SAME_NAMESPACE,
});

/**
 * Returns the listener of a host whose guard terminates TLS and requests client certificates. The listener can have
 * the same port as an HTTPS listener.
 */
const tlsPassthroughListener = (name: string, { host }: IngressSite): GatewaySpecListeners => ({
  name,
  protocol: 'TLS',
  port: 443,
  hostname: host,
  tls: { mode: 'Passthrough' },
  allowedRoutes: FROM_SAME_NAMESPACE,
});

/**
 * Returns a key that is the same for hosts with the same issuer. Hosts with certificates in existing Secrets all
 * have the same key.
 */
const issuerComparisonKey = (tls: Tls): string => JSON.stringify(issuerAnnotation(tls));
